package dev.sluice.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged files are refused by the documented exception, and what is not refused is what another reader of JSON finds
 * there; reading takes memory in proportion to the file. The property fuzz.count says how many files.
 */
class SafetensorsFuzzTest {
  private static final int COUNT = Integer.getInteger("fuzz.count", 20_000);
  private static final long SEED = 20_250_101;

  /** What reading may allocate: an exception with its trace, and so much for each byte of the file. */
  private static final long CONSTANT = 32 << 10;
  private static final long PER_BYTE = 24;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final JsonMapper JACKSON = JsonMapper.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  private static List<byte[]> whole;

  @BeforeAll
  static void wholeFiles(@TempDir Path folder) throws IOException {
    List<StoredTensor> kinds = new ArrayList<>();
    for (Dtype dtype : Dtype.values()) {
      kinds.add(StoredTensor.of("kind." + dtype, dtype, MemorySegment.ofArray(new byte[2 * dtype.bytes()]), 2, 1));
    }
    List<StoredTensor> layer = List.of(StoredTensor.of("weight_ih_l0", new float[6], 2, 3),
        StoredTensor.of("bias_ih_l0", new float[2], 2), StoredTensor.of("steps", new long[] {7}),
        StoredTensor.of("none", new float[0], 0, 5), StoredTensor.of("日本😀\"\\\n", new boolean[] {true}, 1));
    Path file = folder.resolve("file");
    whole = new ArrayList<>();
    Safetensors.write(file, kinds, Map.of());
    whole.add(Files.readAllBytes(file));
    Safetensors.write(file, layer, Map.of("format", "pt", "é", "\u0001"));
    whole.add(Files.readAllBytes(file));
    Safetensors.write(file, layer.subList(0, 1), Map.of());
    whole.add(Files.readAllBytes(file));
    whole.add(Bytes.file("{}", 0));
    whole.add(Bytes.file("{ \"__metadata__\" : {} , \"b\\u0062\\ud83d\\ude00\":{\"data_offsets\":[1,2],\"shape\":[1],\n"
        + "\"dtype\":\"U8\"},\"a\":{\"dtype\":\"I8\",\"shape\":[],\"data_offsets\":[0,1]}}  ", 2));
    for (byte[] bytes : whole) {
      assertEquals("", verdict(bytes));
    }
  }

  private static byte[] damaged(int number) {
    return new Mutator(SEED + number).mutate(whole.get(number % whole.size()));
  }

  @Test
  void damagedFilesAreRefusedOrReadRight() {
    int accepted = 0;
    Set<String> refusals = new HashSet<>();
    for (int i = 0; i < COUNT; i++) {
      byte[] bytes = damaged(i);
      try {
        String verdict = verdict(bytes);
        accepted += verdict.isEmpty() ? 1 : 0;
        refusals.add(verdict.replaceAll("\"[^\"]*\"", "NAME").replaceAll("[0-9, ()]+|'.'|byte 0x..", "#"));
      } catch (Throwable e) {
        throw new AssertionError("file " + i + ": " + HexFormat.of().formatHex(bytes), e);
      }
    }
    assertTrue(accepted > COUNT / 100 && accepted < COUNT / 2, accepted + " of " + COUNT + " files were accepted");
    assertTrue(refusals.size() >= 30, "the damage met only these refusals: " + refusals);
  }

  @Test
  void filesOnDiskHaveTheSameVerdict(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("file");
    for (int i = 0; i < 400; i++) {
      byte[] bytes = damaged(i);
      Files.write(path, bytes);
      String verdict = "";
      try (Safetensors file = Safetensors.open(path)) {
        assertEquals(Bytes.parse(bytes).tensors().keySet(), file.tensors().keySet());
      } catch (SafetensorsException e) {
        verdict = e.getMessage().replace(path.toString(), "m");
      }
      assertEquals(verdict(bytes), verdict);
    }
  }

  /** Large headers, each made to be as costly as can be for its length. */
  @ParameterizedTest
  @ValueSource(strings = {"tensors", "sizes", "offsets", "name", "escapes", "wide", "metadata", "nested", "spaces",
      "digits", "commas"})
  void largeHeadersTakeMemoryInProportion(String kind) throws Exception {
    int count = 300_000;
    StringBuilder header = new StringBuilder("{");
    switch (kind) {
      case "tensors" -> {
        for (int i = 0; i < count / 20; i++) {
          header.append(i == 0 ? "" : ",")
              .append("\"%1$d\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[%1$d,%2$d]}".formatted(i, i + 1));
        }
        header.append('}');
      }
      case "sizes" -> header.append("\"a\":{\"dtype\":\"U8\",\"shape\":[0").repeat(",0", count)
          .append("],\"data_offsets\":[0,0]}}");
      case "offsets" -> header.append("\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0").repeat(",0", count);
      case "name" -> header.append('"').repeat("a", count).append("\":[");
      case "escapes" -> header.append('"').repeat("\\n", count).append("\":[");
      case "wide" -> header.append('"').repeat("\u00e9", count).append("日\":[");
      case "metadata" -> {
        header.append("\"__metadata__\":{\"\":\"\"");
        for (int i = 0; i < count / 10; i++) {
          header.append(",\"").append(Integer.toString(i, 36)).append("\":\"\"");
        }
        header.append("}}");
      }
      case "nested" -> header.repeat("{\"\":", count);
      case "spaces" -> header.repeat(" ", count);
      case "digits" -> header.append("\"a\":{\"shape\":[").repeat("9", count);
      default -> header.repeat(",", count);
    }
    byte[] bytes = Bytes.file(header.toString(), kind.equals("tensors") ? count / 20 : 0);
    assertEquals(List.of("tensors", "sizes", "metadata").contains(kind), verdict(bytes).isEmpty());
  }

  @Test
  void aHugeHeaderLengthAllocatesNothing() throws Exception {
    for (String length : List.of("00e1f50500000000", "ffffffff00000000", "ffffffffffffff7f", "0000000000000080")) {
      assertTrue(verdict(Bytes.hex(length + "7b7d")).startsWith("m: byte 0: header length is "));
    }
  }

  /** The refusal, or nothing where the file was read and is what it should be. */
  private static String verdict(byte[] bytes) throws IOException {
    long most = CONSTANT + PER_BYTE * bytes.length;
    // What is linked when a line runs for the first time is not counted: only that happens once.
    long allocated = allocated(bytes) <= most ? 0 : allocated(bytes);
    assertTrue(allocated <= most, allocated + " bytes were allocated for a file of " + bytes.length);
    try {
      requireAsWritten(Bytes.parse(bytes), bytes);
      return "";
    } catch (SafetensorsException e) {
      String message = e.getMessage();
      assertTrue(message.startsWith("m: ") && message.length() < 500 && message.lines().count() == 1, message);
      return message;
    }
  }

  private static long allocated(byte[] bytes) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      Bytes.parse(bytes);
    } catch (SafetensorsException _) {
      // A refusal counts like anything else.
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertTrue(before >= 0 && allocated > 0, "this JVM does not count what a thread allocates");
    return allocated;
  }

  private static void requireAsWritten(Header header, byte[] bytes) throws IOException {
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    int data = 8 + length;
    JsonNode json = JACKSON.readTree(new String(bytes, 8, length, StandardCharsets.UTF_8));
    Map<String, String> metadata = new LinkedHashMap<>();
    json.path("__metadata__").properties().forEach(text -> metadata.put(text.getKey(), text.getValue().textValue()));
    assertEquals(metadata, header.metadata());
    assertEquals(json.size() - (json.has("__metadata__") ? 1 : 0), header.tensors().size());
    int[] owners = new int[bytes.length - data];
    for (StoredTensor tensor : header.tensors().values()) {
      JsonNode node = json.get(tensor.name());
      assertEquals(3, node.size());
      assertEquals(node.get("dtype").textValue(), tensor.dtype().name());
      long[] shape = tensor.shape();
      assertEquals(node.get("shape").size(), shape.length);
      long elements = 1;
      int dimension = 0;
      for (JsonNode size : node.get("shape")) {
        assertEquals(size.longValue(), shape[dimension]);
        elements *= shape[dimension++];
      }
      assertEquals(elements, tensor.elements());
      int begin = node.get("data_offsets").get(0).intValue();
      int end = node.get("data_offsets").get(1).intValue();
      assertEquals(-1, tensor.bytes().mismatch(MemorySegment.ofArray(bytes).asSlice(data + begin, end - begin)));
      for (int i = begin; i < end; i++) {
        owners[i]++;
      }
      requireReadable(tensor);
    }
    for (int owner : owners) {
      assertEquals(1, owner);
    }
  }

  /** The elements come, or are refused as values that their Java type does not have. */
  private static void requireReadable(StoredTensor tensor) {
    try {
      long count = switch (tensor.dtype()) {
        case F64, F32, F16, BF16 -> tensor.toDoubles().length;
        case I64, I32, I16, I8, U64, U32, U16, U8 -> tensor.toLongs().length;
        case BOOL -> tensor.toBooleans().length;
      };
      assertEquals(tensor.elements(), count);
    } catch (IllegalArgumentException e) {
      assertTrue(tensor.dtype() == Dtype.BOOL || tensor.dtype() == Dtype.U64, e.getMessage());
    }
  }
}
