package dev.sluice.io;

import dev.sluice.nn.HostTensor;
import dev.sluice.nn.StateDict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** State dictionaries as safetensors files. */
public final class StateFiles {
  private StateFiles() {}

  /**
   * Writes a state dictionary, as {@link Safetensors#write} does: floats as F32, doubles as F64, ints as I32, longs as
   * I64, booleans as BOOL.
   *
   * @param metadata texts to carry along, read again by {@link Safetensors#metadata}
   * @throws IOException if it cannot be written; the file is then as it was
   */
  public static void save(Path file, StateDict state, Map<String, String> metadata) throws IOException {
    List<StoredTensor> tensors = new ArrayList<>();
    state.tensors().forEach((name, tensor) -> tensors.add(stored(name, tensor)));
    Safetensors.write(file, tensors, metadata);
  }

  /**
   * Reads all tensors of a file, in the order of its header: F32, F16 and BF16 as floats, exactly; F64 as doubles; I8,
   * I16, I32, U8 and U16 as ints; I64, U32 and U64 as longs; BOOL as booleans.
   *
   * @throws SafetensorsException if the file is not well-formed, or a tensor has more than 2^31-1 elements or values
   *     that its Java type does not have
   * @throws IOException if it cannot be read
   */
  public static StateDict load(Path file) throws IOException {
    try (Safetensors content = Safetensors.open(file)) {
      Map<String, HostTensor> tensors = new LinkedHashMap<>();
      content.tensors().forEach((name, tensor) -> tensors.put(name, onHost(tensor)));
      return new StateDict(tensors);
    } catch (IllegalArgumentException e) {
      throw new SafetensorsException(file + ": " + e.getMessage());
    }
  }

  private static StoredTensor stored(String name, HostTensor tensor) {
    long[] shape = Arrays.stream(tensor.shape().toArray()).asLongStream().toArray();
    return switch (tensor) {
      case HostTensor.Floats(_, float[] values) -> StoredTensor.of(name, values, shape);
      case HostTensor.Doubles(_, double[] values) -> StoredTensor.of(name, values, shape);
      case HostTensor.Ints(_, int[] values) -> StoredTensor.of(name, values, shape);
      case HostTensor.Longs(_, long[] values) -> StoredTensor.of(name, values, shape);
      case HostTensor.Booleans(_, boolean[] values) -> StoredTensor.of(name, values, shape);
    };
  }

  private static HostTensor onHost(StoredTensor tensor) {
    int[] shape = Arrays.stream(tensor.shape()).mapToInt(size -> size(tensor, size)).toArray();
    return switch (tensor.dtype()) {
      case F32, F16, BF16 -> HostTensor.of(tensor.toFloats(), shape);
      case F64 -> HostTensor.of(tensor.toDoubles(), shape);
      case I8, I16, I32, U8, U16 -> HostTensor.of(tensor.toInts(), shape);
      case I64, U32, U64 -> HostTensor.of(tensor.toLongs(), shape);
      case BOOL -> HostTensor.of(tensor.toBooleans(), shape);
    };
  }

  private static int size(StoredTensor tensor, long size) {
    if (size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("tensor " + tensor + " has a size of " + size + ", wanted at most 2147483647");
    }
    return (int) size;
  }
}
