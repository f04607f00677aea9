package dev.sluice.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsTest {
  @TempDir Path folder;

  /** A file made by hand: its header out of order, with escapes and white space, its data in another order. */
  private static final byte[] GOLDEN = Bytes.file("""
      {"w" : {"shape":[2,1], "dtype":"F32", "data_offsets":[6,14]},
      \t"__metadata__":{"k\\u00e9y":"\\ud83d\\ude00\\n\\/"},
      "h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BOOL","shape":[2],"data_offsets":[4,6]},
      "e":{"dtype":"I64","shape":[3,0],"data_offsets":[6,6]},
      "日本":{"dtype":"BF16","shape":[],"data_offsets":[14,16]}}  """
      .getBytes(StandardCharsets.UTF_8), Bytes.hex("003c 00c0  01 00  0000803f 000020c0  4040"));

  @Test
  void readsAFileMadeByHand() throws IOException {
    Path path = Files.write(folder.resolve("golden.safetensors"), GOLDEN);
    try (Safetensors file = Safetensors.open(path)) {
      assertEquals(List.of("w", "h", "b", "e", "日本"), List.copyOf(file.tensors().keySet()));
      assertEquals(Map.of("kéy", "😀\n/"), file.metadata());
      assertArrayEquals(new float[] {1, -2.5f}, file.tensor("w").toFloats());
      assertArrayEquals(new long[] {2, 1}, file.tensor("w").shape());
      assertArrayEquals(new float[] {1, -2}, file.tensor("h").toFloats());
      assertArrayEquals(new boolean[] {true, false}, file.tensor("b").toBooleans());
      assertArrayEquals(new long[0], file.tensor("e").toLongs());
      assertArrayEquals(new double[] {3}, file.tensor("日本").toDoubles());
      assertEquals(0, file.tensor("日本").shape().length);
      assertEquals("\"w\" F32 (2, 1)", file.tensor("w").toString());
      assertEquals("safetensors: " + path + " has no tensor \"v\", wanted one of its 5",
          assertThrows(IllegalArgumentException.class, () -> file.tensor("v")).getMessage());
    }
  }

  @Test
  void writesTheBytesOfTheFormat() throws IOException {
    Path path = folder.resolve("w.safetensors");
    Safetensors.write(path, List.of(StoredTensor.of("b\"", new boolean[] {true}, 1),
        StoredTensor.of("ä", new float[] {1, -2.5f}, 2, 1), StoredTensor.of("a", Dtype.I16, new long[] {-2})),
        Map.of("z", "1", "format", "pt"));
    byte[] header = ("{\"__metadata__\":{\"format\":\"pt\",\"z\":\"1\"},"
        + "\"a\":{\"dtype\":\"I16\",\"shape\":[],\"data_offsets\":[8,10]},"
        + "\"b\\\"\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[10,11]},"
        + "\"ä\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}}").getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(header, Math.ceilDiv(header.length, 8) * 8);
    Arrays.fill(padded, header.length, padded.length, (byte) ' ');
    assertArrayEquals(Bytes.file(padded, Bytes.hex("0000803f 000020c0 feff 01")), Files.readAllBytes(path));
  }

  @Test
  void theSameTensorsMakeTheSameBytesInWhateverOrder() throws IOException {
    List<StoredTensor> tensors = new ArrayList<>();
    for (Dtype dtype : Dtype.values()) {
      // U+FFFD sorts before U+1F600 by code points, after it by UTF-16 units.
      for (String name : List.of("\ufffd", "😀", "a.weight", "")) {
        tensors.add(StoredTensor.of(name + dtype, dtype, MemorySegment.ofArray(new byte[3 * dtype.bytes()]), 3));
      }
    }
    Map<String, String> metadata = new LinkedHashMap<>(Map.of("b", "2"));
    metadata.put("a", "1");
    Path one = folder.resolve("one");
    Path other = folder.resolve("other");
    Safetensors.write(one, tensors, metadata);
    Collections.reverse(tensors);
    Safetensors.write(other, tensors, Map.of("a", "1", "b", "2"));
    assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(other));
    try (Safetensors file = Safetensors.open(one)) {
      List<String> names = List.copyOf(file.tensors().keySet());
      assertTrue(names.indexOf("\ufffdU8") < names.indexOf("😀BF16"));
      Safetensors.write(other, file.tensors().values(), file.metadata());
    }
    assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(other));
    assertEquals(0, ByteBuffer.wrap(Files.readAllBytes(one)).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);
  }

  private StoredTensor roundTrip(StoredTensor tensor) throws IOException {
    Path path = folder.resolve("round");
    Safetensors.write(path, List.of(tensor), Map.of());
    Header header = Bytes.parse(Files.readAllBytes(path));
    assertEquals(Map.of(), header.metadata());
    StoredTensor read = header.tensors().get(tensor.name());
    assertEquals(tensor.dtype(), read.dtype());
    assertArrayEquals(tensor.shape(), read.shape());
    assertEquals(-1, tensor.bytes().mismatch(read.bytes()));
    return read;
  }

  @Test
  void floatsKeepTheirBits() throws IOException {
    int[] bits = {0, 0x80000000, 1, 0x807fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0x7fc12345, 0xffd54321, 0x7f800001,
        0x7f7fffff, 0x3f800000};
    float[] values = new float[bits.length];
    for (int i = 0; i < bits.length; i++) {
      values[i] = Float.intBitsToFloat(bits[i]);
    }
    float[] read = roundTrip(StoredTensor.of("x", values, 3, 4)).toFloats();
    for (int i = 0; i < bits.length; i++) {
      assertEquals(bits[i], Float.floatToRawIntBits(read[i]), "element " + i);
    }
    StoredTensor single = roundTrip(StoredTensor.of("x", new float[] {-0.0f, Float.MIN_VALUE}, 2));
    assertArrayEquals(new double[] {-0.0, Float.MIN_VALUE}, single.toDoubles());
  }

  @Test
  void doublesKeepTheirBitsAndRoundToFloats() throws IOException {
    double[] values = {Math.PI, -0.0, Double.MIN_VALUE, Double.MAX_VALUE, Double.NEGATIVE_INFINITY,
        Double.longBitsToDouble(0x7ff8_0000_dead_beefL)};
    StoredTensor read = roundTrip(StoredTensor.of("x", values, 6));
    for (int i = 0; i < values.length; i++) {
      assertEquals(Double.doubleToRawLongBits(values[i]), Double.doubleToRawLongBits(read.toDoubles()[i]));
    }
    assertArrayEquals(new float[] {(float) Math.PI, -0.0f, 0, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY,
        Float.NaN}, read.toFloats());
  }

  @Test
  void everyHalfIsExactlyItsFloat() throws IOException {
    byte[] all = new byte[2 << 16];
    for (int i = 0; i < 1 << 16; i++) {
      all[2 * i] = (byte) i;
      all[2 * i + 1] = (byte) (i >> 8);
    }
    for (Dtype dtype : List.of(Dtype.F16, Dtype.BF16)) {
      float[] floats = roundTrip(StoredTensor.of("x", dtype, MemorySegment.ofArray(all), 256, 256)).toFloats();
      assertEquals(dtype == Dtype.F16 ? 65504 : 0x1.fep127f, Stream.iterate(0, i -> i + 1).limit(1 << 16)
          .map(i -> floats[i]).filter(Float::isFinite).max(Float::compare).orElseThrow());
      assertEquals(dtype == Dtype.F16 ? 0x1p-24f : 0x1p-133f, floats[1]);
      // Written again, all but the signalling NaNs, which become quiet, are what they were.
      byte[] again = StoredTensor.of("x", dtype, floats, 1 << 16).bytes().toArray(ValueLayout.JAVA_BYTE);
      for (int i = 0; i < 1 << 16; i++) {
        int back = again[2 * i] & 0xff | (again[2 * i + 1] & 0xff) << 8;
        assertEquals(Float.isNaN(floats[i]) ? i | (dtype == Dtype.F16 ? 0x200 : 0x40) : i, back);
      }
    }
  }

  @Test
  void bfloat16RoundsToTheNearestTiesToEven() {
    float[] values = {1 + 0x1p-8f, 1 + 0x3p-8f, 1 + 0x1.02p-8f, -(1 + 0x1p-8f), Float.MAX_VALUE,
        Float.intBitsToFloat(0x7f800001), Float.intBitsToFloat(0xffffffff)};
    float[] read = StoredTensor.of("x", Dtype.BF16, values, values.length).toFloats();
    assertArrayEquals(new float[] {1, 1 + 0x1p-6f, 1 + 0x1p-7f, -1, Float.POSITIVE_INFINITY, Float.NaN, Float.NaN},
        read);
  }

  @ParameterizedTest
  @EnumSource(names = {"I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64"})
  void integersKeepTheirValues(Dtype dtype) throws IOException {
    long[] values = {dtype.least(), 0, 1, 100, dtype.largest() - 1, dtype.largest()};
    StoredTensor read = roundTrip(StoredTensor.of("x", dtype, values, 2, 3));
    assertArrayEquals(values, read.toLongs());
    if (dtype.largest() <= Integer.MAX_VALUE) {
      assertArrayEquals(Arrays.stream(values).mapToInt(Math::toIntExact).toArray(), read.toInts());
    } else {
      assertThrows(IllegalArgumentException.class, read::toInts);
    }
    if (dtype.bytes() < 8) {
      assertThrows(IllegalArgumentException.class, () -> StoredTensor.of("x", dtype, new long[] {dtype.largest() + 1}));
    }
    if (dtype != Dtype.I64) {
      assertThrows(IllegalArgumentException.class, () -> StoredTensor.of("x", dtype, new long[] {dtype.least() - 1}));
    }
  }

  @Test
  void namesShapesAndMetadataAreAnything() throws IOException {
    String name = "layer.0/\"weight\"\\\u0000\u001f\t\u007f é日本😀\u2028";
    roundTrip(StoredTensor.of(name, new float[0], 0, Long.MAX_VALUE));
    roundTrip(StoredTensor.of("", new int[] {7}));
    roundTrip(StoredTensor.of("deep", new float[] {1}, ones(500)));
    Path path = folder.resolve("metadata");
    Safetensors.write(path, List.of(), Map.of(name, name, "", ""));
    try (Safetensors file = Safetensors.open(path)) {
      assertEquals(Map.of(name, name, "", ""), file.metadata());
      assertTrue(file.tensors().isEmpty());
    }
    Safetensors.write(path, List.of(), Map.of());
    assertArrayEquals(Bytes.file("{}      ", 0), Files.readAllBytes(path));
  }

  private static long[] ones(int rank) {
    long[] shape = new long[rank];
    Arrays.fill(shape, 1);
    return shape;
  }

  @Test
  void readsBeyondTwoGigabytes() throws IOException {
    Path path = folder.resolve("large");
    long large = 3L << 30;
    byte[] header = ("{\"large\":{\"dtype\":\"U8\",\"shape\":[3,1073741824],\"data_offsets\":[0," + large
        + "]},\"last\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" + large + "," + (large + 4) + "]}}")
        .getBytes(StandardCharsets.UTF_8);
    try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
      sparse.setLength(8 + header.length + large + 4);
      sparse.write(Bytes.file(header, new byte[0]));
      sparse.seek(8 + header.length + large - 1);
      sparse.write(new byte[] {(byte) 0xfe, 0, 0, 0x20, 0x41});
    }
    try (Safetensors file = Safetensors.open(path)) {
      assertArrayEquals(new float[] {10}, file.tensor("last").toFloats());
      StoredTensor tensor = file.tensor("large");
      assertEquals(large, tensor.elements());
      assertEquals((byte) 0xfe, tensor.bytes().get(ValueLayout.JAVA_BYTE, large - 1));
      assertEquals("safetensors: tensor \"large\" has 3221225472 elements, wanted at most 2147483647 in an array",
          assertThrows(IllegalArgumentException.class, tensor::toInts).getMessage());
    }
    assertTrue(assertThrows(SafetensorsException.class, () -> StateFiles.load(path)).getMessage()
        .startsWith(path + ": safetensors: "));
  }

  @Test
  void aClosedFileIsNoLongerReadAndAReplacedOneIs() throws IOException {
    Path path = folder.resolve("file");
    Safetensors.write(path, List.of(StoredTensor.of("x", new float[] {1})), Map.of());
    Safetensors file = Safetensors.open(path);
    StoredTensor old = file.tensor("x");
    Safetensors.write(path, List.of(StoredTensor.of("x", new float[] {2, 3}, 2)), Map.of());
    assertArrayEquals(new float[] {1}, old.toFloats());
    assertTrue(old.bytes().isReadOnly());
    file.close();
    file.close();
    assertThrows(IllegalStateException.class, old::toFloats);
    try (Safetensors replaced = Safetensors.open(path)) {
      assertArrayEquals(new float[] {2, 3}, replaced.tensor("x").toFloats());
    }
    assertThrows(NoSuchFileException.class, () -> Safetensors.open(folder.resolve("none")));
    assertThrows(IOException.class, () -> Safetensors.open(folder));
  }

  @Test
  void aFailedWriteLeavesTheFileAndNoOther() throws IOException {
    Path path = folder.resolve("file");
    Safetensors.write(path, List.of(StoredTensor.of("x", new float[] {1})), Map.of());
    byte[] before = Files.readAllBytes(path);
    Safetensors other = Safetensors.open(path);
    StoredTensor closed = other.tensor("x");
    other.close();
    assertThrows(IllegalStateException.class, () -> Safetensors.write(path, List.of(closed), Map.of()));
    assertArrayEquals(before, Files.readAllBytes(path));
    Path occupied = Files.createDirectories(folder.resolve("occupied/by")).getParent();
    assertThrows(IOException.class, () -> Safetensors.write(occupied, List.of(), Map.of()));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of("file", "occupied"), files.map(p -> p.getFileName().toString()).sorted().toList());
    }
    assertFalse(Files.isRegularFile(occupied));
  }

  @Test
  void aWriteOfMoreThanOneStageIsWhole() throws IOException {
    byte[] bytes = new byte[(5 << 20) / 2 + 3];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31 >> 3);
    }
    roundTrip(StoredTensor.of("x", Dtype.U8, MemorySegment.ofArray(bytes), bytes.length));
  }
}
