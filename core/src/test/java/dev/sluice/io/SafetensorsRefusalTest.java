package dev.sluice.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of malformed file, and what is said of it. */
class SafetensorsRefusalTest {
  private static final String DTYPES = "[F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL]";

  private static String refusal(byte[] file) {
    return assertThrows(SafetensorsException.class, () -> Bytes.parse(file)).getMessage();
  }

  private static String refusal(String header, int data) {
    return refusal(Bytes.file(header, data));
  }

  /** In the table, a quote is an apostrophe, A is a tensor of 4 bytes, and the file has so many bytes of data. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "[]                     | 0 | byte 8: header begins with '[', wanted '{'",
      "` {}`                  | 0 | byte 8: header begins with byte 0x20, wanted '{'",
      "``                     | 0 | byte 8: header begins with nothing, wanted '{'",
      "{                      | 0 | byte 9: the header ends, wanted a string",
      "{}}                    | 0 | byte 10: found '}', wanted nothing but spaces after the header's object",
      "{} {}                  | 0 | byte 11: found '{', wanted nothing but spaces after the header's object",
      "{'a'}                  | 0 | byte 12: found '}', wanted ':'",
      "{'a':1}                | 0 | byte 13: found '1', wanted an object",
      "{'a':null}             | 0 | byte 13: found 'n', wanted an object",
      "{'a':[[[[[]]]]]}       | 0 | byte 13: found '[', wanted an object",
      "{'a':{'b':{}}}         | 0 | byte 14: tensor \"a\" has a field \"b\", wanted dtype, shape and data_offsets",
      "{A 'b':{}}             | 4 | byte 62: found '\"', wanted ',' or '}'",
      "{A,}                   | 4 | byte 62: found '}', wanted a string",
      "{A,A}                  | 4 | byte 62: \"a\" stands twice",
      "{'__metadata__':{},'__metadata__':{}} | 0 | byte 27: \"__metadata__\" stands twice",
      "{'__metadata__':{'k':'1','k':'2'}} | 0 | byte 33: \"k\" stands twice in __metadata__",
      "{'__metadata__':{'k':1}} | 0 | byte 29: found '1', wanted a string",
      "{'__metadata__':[]}    | 0 | byte 24: found '[', wanted an object",
      "{'a':{'dtype':'F32','dtype':'F32'}} | 0 | byte 28: \"dtype\" stands twice in tensor \"a\"",
      "{'a':{'dtype':1}}      | 0 | byte 22: found '1', wanted a string",
      "{'a':{'shape':{}}}     | 0 | byte 22: found '{', wanted an array",
      "{'a':{'shape':[-1]}}   | 0 | byte 23: found '-', wanted an integer of 0 or more",
      "{'a':{'shape':[1.5]}}  | 0 | byte 24: found '.', wanted ',' or ']'",
      "{'a':{'shape':[1e3]}}  | 0 | byte 24: found 'e', wanted ',' or ']'",
      "{'a':{'shape':['1']}}  | 0 | byte 23: found '\"', wanted an integer of 0 or more",
      "{'a':{'shape':[01]}}   | 0 | byte 23: number begins with 0, wanted no leading zeros",
      "{'a':{'shape':[1,]}}   | 0 | byte 25: found ']', wanted an integer of 0 or more",
      "{'a':{'shape':[9223372036854775808]}} | 0 | byte 23: number is above 2^63-1, wanted 0 to 2^63-1",
      "{'a':{}}               | 0 | tensor \"a\" has no dtype, wanted dtype, shape and data_offsets",
      "{'a':{'dtype':'F32','shape':[]}} | 0 | tensor \"a\" has no data_offsets, wanted dtype, shape and data_offsets",
      "{A}                    | 3 | tensor \"a\" has data_offsets 0 to 4, wanted an ascending range within the 3 bytes "
          + "of data",
      "{A}                    | 5 | has 5 bytes of data, wanted 4 for its 1 tensors",
      "{}                     | 1 | has 1 bytes of data, wanted 0 for its 0 tensors"})
  void structure(String header, int data, String problem) {
    String a = "'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}";
    assertEquals("m: " + problem, refusal(header.replace("A", a).replace('\'', '"'), data));
  }

  private static String tensor(String name, String dtype, String shape, String offsets) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%s]}".formatted(name, dtype, shape, offsets);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "F31 | 1 | 0,4 | has dtype \"F31\", wanted one of " + DTYPES,
      "f32 | 1 | 0,4 | has dtype \"f32\", wanted one of " + DTYPES,
      "F32 | 1 | 0   | has 1 data_offsets, wanted two",
      "F32 | 1 | 0,4,4 | has 3 data_offsets, wanted two",
      "F32 | 1 | 4,0 | has data_offsets 4 to 0, wanted an ascending range within the 4 bytes of data",
      "F32 | 1 | 0,8 | has data_offsets 0 to 8, wanted an ascending range within the 4 bytes of data",
      "F32 | 2 | 0,4 | has 4 bytes (data_offsets 0 to 4), wanted 8 for F32 (2)",
      "F64 | 1 | 0,4 | has 4 bytes (data_offsets 0 to 4), wanted 8 for F64 (1)",
      "U8 | 2,3 | 0,4 | has 4 bytes (data_offsets 0 to 4), wanted 6 for U8 (2, 3)",
      "U8 | 4294967296,4294967296 | 0,4 | has U8 (4294967296, 4294967296), wanted at most 2^63-1 bytes",
      "F32 | 4611686018427387905 | 0,4 | has F32 (4611686018427387905), wanted at most 2^63-1 bytes",
      "U8 | 3 | 1,4 | begins at data offset 1, wanted 0: there is a gap"})
  void tensors(String dtype, String shape, String offsets, String problem) {
    assertEquals("m: tensor \"t\" " + problem, refusal("{" + tensor("t", dtype, shape, offsets) + "}", 4));
  }

  @Test
  void overlapsAndGapsBetweenTensors() {
    assertEquals("m: tensor \"b\" begins at data offset 3, wanted 4: it overlaps the one before",
        refusal("{" + tensor("b", "U8", "3", "3,6") + "," + tensor("a", "U8", "4", "0,4") + "}", 6));
    assertEquals("m: tensor \"b\" begins at data offset 5, wanted 4: there is a gap",
        refusal("{" + tensor("a", "U8", "4", "0,4") + "," + tensor("b", "U8", "1", "5,6") + "}", 6));
    assertEquals("m: tensor \"b\" begins at data offset 0, wanted 4: it overlaps the one before",
        refusal("{" + tensor("a", "U8", "4", "0,4") + "," + tensor("b", "U8", "4", "0,4") + "}", 4));
  }

  @Test
  void headerLengths() {
    for (int length = 0; length < 8; length++) {
      assertEquals("m: has " + length + " bytes, wanted 8 or more: they are the header's length",
          refusal(new byte[length]));
    }
    assertEquals("m: byte 0: header length is 3, wanted at most the 2 bytes that follow",
        refusal(Bytes.hex("0300000000000000 7b7d")));
    assertEquals("m: byte 0: header length is 100000001, wanted at most 100000000",
        refusal(Bytes.hex("01e1f50500000000 7b7d")));
    assertEquals("m: byte 0: header length is 18446744073709551615, wanted at most 100000000",
        refusal(Bytes.hex("ffffffffffffffff 7b7d")));
    assertEquals("m: byte 8: header begins with nothing, wanted '{'", refusal(Bytes.hex("0000000000000000 7b7d")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"80", "bf", "c0 80", "c1 bf", "c3", "c3 28", "e0 80 80", "e0 9f bf", "ed a0 80", "ed bf bf",
      "e2 82", "f0 80 80 80", "f0 8f bf bf", "f4 90 80 80", "f5 80 80 80", "f8 88 80 80 80", "ff", "fe"})
  void invalidUtf8(String bytes) {
    byte[] text = Bytes.hex("7b 22" + bytes + "22 3a");
    assertEquals("m: byte 10: invalid UTF-8", refusal(Bytes.file(text, new byte[0])));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "\\ud83d        | 10 | escape is half of a surrogate pair, wanted both",
      "\\ud83dx       | 10 | escape is half of a surrogate pair, wanted both",
      "\\ude00\\ud83d | 10 | escape is half of a surrogate pair, wanted both",
      "\\ud83d\\u0041 | 10 | escape is half of a surrogate pair, wanted both",
      "\\u00g0        | 10 | escape has no four hexadecimal digits",
      "\\x            | 10 | escape is none of JSON's",
      "a\\'           | 11 | escape is none of JSON's"})
  void badEscapes(String name, int at, String problem) {
    assertEquals("m: byte " + at + ": " + problem, refusal("{\"" + name + "\":", 0));
  }

  @Test
  void badStrings() {
    assertEquals("m: byte 11: control character in a string, wanted an escape", refusal("{\"a\n\":", 0));
    assertEquals("m: byte 9: string has no end", refusal("{\"abc", 0));
    assertEquals("m: byte 12: escape has no four hexadecimal digits", refusal("{\"ab\\u00", 0));
    assertEquals("m: byte 10: escape is none of JSON's", refusal("{\"\\", 0));
  }

  @Test
  void messagesStayShortAndOnOneLine() {
    String message = refusal("{" + tensor("\\n\\u2028" + "x".repeat(1000), "F32", "1,".repeat(99) + "2", "0,4") + "}",
        4);
    assertTrue(message.startsWith("m: tensor \"\\u000a\\u2028xxx") && message.lines().count() == 1
        && message.length() < 300, message);
    assertTrue(message.endsWith("wanted 8 for F32 (1, 1, 1, 1, 1, 1, 1, 1, ...)"), message);
  }

  @Test
  void everyTruncationOfAFile(@TempDir Path folder) throws IOException {
    byte[] whole = Bytes.file("{" + tensor("a", "F32", "2", "0,8") + "}", 8);
    Path path = folder.resolve("cut");
    for (int length = 0; length < whole.length; length++) {
      Files.write(path, Arrays.copyOf(whole, length));
      String message = assertThrows(SafetensorsException.class, () -> Safetensors.open(path).close()).getMessage();
      assertTrue(message.startsWith(path + ": "), message);
    }
    Files.write(path, whole);
    Safetensors.open(path).close();
  }

  @Test
  void readingAsAnotherTypeAndBooleansThatAreNone() throws SafetensorsException {
    String json = "{" + tensor("b", "BOOL", "2", "0,2") + "," + tensor("u", "U64", "1", "2,10") + "}";
    Header header = Bytes.parse(Bytes.file(json.getBytes(StandardCharsets.UTF_8),
        Bytes.hex("0102 ffffffffffffffff")));
    StoredTensor b = header.tensors().get("b");
    assertEquals("safetensors: tensor \"b\" has element 1 = 2, wanted 0 to 1", problem(b::toBooleans));
    assertEquals("safetensors: tensor \"b\" has type BOOL, wanted a type of integers", problem(b::toInts));
    assertEquals("safetensors: tensor \"b\" has type BOOL, wanted F32, F16, BF16 or F64 as floats",
        problem(b::toFloats));
    StoredTensor u = header.tensors().get("u");
    assertEquals("safetensors: tensor \"u\" has element 0 = 18446744073709551615, wanted 0 to 9223372036854775807",
        problem(u::toLongs));
    assertEquals("safetensors: tensor \"u\" has type U64, wanted BOOL as booleans", problem(u::toBooleans));
  }

  @Test
  void whatCannotBeWritten(@TempDir Path folder) throws IOException {
    StoredTensor x = StoredTensor.of("x", new float[] {1});
    assertEquals("safetensors: two tensors are named \"x\", wanted different names",
        notWritten(folder, Map.of(), x, x));
    assertEquals("safetensors: a tensor is named __metadata__, wanted another name",
        notWritten(folder, Map.of(), StoredTensor.of("__metadata__", new float[] {1})));
    assertTrue(notWritten(folder, Map.of(), StoredTensor.of("\ud83d", new float[] {1}))
        .endsWith(" has half of a surrogate pair, wanted both"));
    assertTrue(notWritten(folder, Map.of("k", "\ude00")).endsWith(" has half of a surrogate pair, wanted both"));
    assertEquals("safetensors: tensor \"x\" has 1 values for shape (2, 3), wanted 6",
        problem(() -> StoredTensor.of("x", new int[] {1}, 2, 3)));
    assertEquals("safetensors: tensor \"x\" has a size of -1 in (-1), wanted 0 or more",
        problem(() -> StoredTensor.of("x", new int[] {1}, -1)));
    assertEquals("safetensors: tensor \"x\" has 1 bytes for F32 (1), wanted 4",
        problem(() -> StoredTensor.of("x", Dtype.F32, MemorySegment.ofArray(new byte[1]), 1)));
    assertEquals("safetensors: tensor \"x\" has element 1 = 128, wanted -128 to 127",
        problem(() -> StoredTensor.of("x", Dtype.I8, new long[] {1, 128}, 2)));
    assertEquals("safetensors: tensor \"x\" has type F64, wanted F32, F16 or BF16 of floats",
        problem(() -> StoredTensor.of("x", Dtype.F64, new float[] {1})));
    assertEquals("safetensors: tensor \"x\" has U8 (9223372036854775807, 2), wanted at most 2^63-1 bytes",
        problem(() -> StoredTensor.of("x", Dtype.U8, new long[] {1}, Long.MAX_VALUE, 2)));
    try (var files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  private static String notWritten(Path folder, Map<String, String> metadata, StoredTensor... tensors) {
    return problem(() -> Safetensors.write(folder.resolve("x"), List.of(tensors), metadata));
  }

  private static String problem(Executable action) {
    return assertThrows(IllegalArgumentException.class, action).getMessage();
  }
}
