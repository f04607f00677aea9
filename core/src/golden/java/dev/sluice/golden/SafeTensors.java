package dev.sluice.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * The safetensors format, written for the generator alone so that the library's own reader and writer are tested
 * against other code: eight bytes with the length of the header (little-endian), the header
 * {@code {"name": {"dtype", "shape", "data_offsets": [begin, end]}}}, then the numbers, row-major and little-endian.
 */
final class SafeTensors {
  private static final String METADATA = "__metadata__";

  private SafeTensors() {}

  /**
   * Writes float32 and int64 tensors as the format's own writer does: the metadata of PyTorch files, the widest
   * elements first, the header padded with blanks to a multiple of eight bytes.
   */
  static void write(Path file, Map<String, Tensor> tensors) throws IOException {
    var mapper = new ObjectMapper();
    var header = mapper.createObjectNode();
    header.putObject(METADATA).put("format", "pt");
    var ordered = tensors.entrySet().stream()
        .sorted(Comparator.comparing((Map.Entry<String, Tensor> entry) -> -entry.getValue().element_size())
            .thenComparing(Map.Entry::getKey))
        .toList();
    long end = 0;
    for (var entry : ordered) {
      var tensor = entry.getValue();
      var description = header.putObject(entry.getKey());
      description.put("dtype", isLong(tensor) ? "I64" : "F32");
      var shape = description.putArray("shape");
      Arrays.stream(Values.shapeOf(tensor)).forEach(shape::add);
      var offsets = description.putArray("data_offsets").add(end);
      end += tensor.numel() * tensor.element_size();
      offsets.add(end);
    }
    var text = mapper.writeValueAsString(header);
    var bytes = (text + " ".repeat(-text.length() & 7)).getBytes(StandardCharsets.US_ASCII);
    var buffer = ByteBuffer.allocate(Math.toIntExact(Long.BYTES + bytes.length + end)).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(bytes.length).put(bytes);
    ordered.forEach(entry -> putNumbers(buffer, entry.getValue()));
    Files.write(file, buffer.array());
  }

  /** Reads the tensors of a file by name: F32 as float32, I32 and I64 as int64. */
  static Map<String, Tensor> read(Path file) throws IOException {
    var buffer = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    var header = new byte[Math.toIntExact(buffer.getLong())];
    buffer.get(header);
    var numbers = buffer.slice().order(ByteOrder.LITTLE_ENDIAN);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (var entry : new ObjectMapper().readTree(header).properties()) {
      if (!entry.getKey().equals(METADATA)) {
        tensors.put(entry.getKey(), tensor(entry.getValue(), numbers));
      }
    }
    return tensors;
  }

  private static Tensor tensor(JsonNode description, ByteBuffer numbers) {
    var shape = new long[description.required("shape").size()];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = description.required("shape").get(axis).longValue();
    }
    int count = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    var type = description.required("dtype").textValue();
    int width = type.equals("I64") ? Long.BYTES : Integer.BYTES;
    int begin = description.required("data_offsets").required(0).intValue();
    int end = description.required("data_offsets").required(1).intValue();
    if (end - begin != count * width) {
      throw new IllegalArgumentException("data_offsets of " + description + " hold " + (end - begin) + " bytes");
    }
    var data = numbers.slice(begin, end - begin).order(ByteOrder.LITTLE_ENDIAN);
    return switch (type) {
      case "F32" -> {
        var values = new float[count];
        data.asFloatBuffer().get(values);
        yield real(values, shape);
      }
      case "I32", "I64" -> {
        var values = new long[count];
        for (int i = 0; i < count; i++) {
          values[i] = width == Long.BYTES ? data.getLong() : data.getInt();
        }
        yield Values.integers(values, shape);
      }
      default -> throw new IllegalArgumentException("dtype is " + type + ", wanted F32, I32 or I64");
    };
  }

  /** A float32 tensor of these numbers. */
  static Tensor real(float[] data, long... shape) {
    var options = new TensorOptions(torch.ScalarType.Float);
    return torch.from_blob(new FloatPointer(data), new long[] {data.length}, options).clone().reshape(shape);
  }

  private static void putNumbers(ByteBuffer buffer, Tensor tensor) {
    var dense = tensor.detach().contiguous();
    int count = Math.toIntExact(dense.numel());
    if (isLong(dense)) {
      var values = new long[count];
      dense.data_ptr_long().get(values);
      Arrays.stream(values).forEach(buffer::putLong);
    } else {
      var values = new float[count];
      dense.data_ptr_float().get(values);
      for (float value : values) {
        buffer.putFloat(value);
      }
    }
  }

  private static boolean isLong(Tensor tensor) {
    return tensor.scalar_type().intern() == torch.ScalarType.Long;
  }
}
