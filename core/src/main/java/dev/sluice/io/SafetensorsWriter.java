package dev.sluice.io;

import static dev.sluice.io.Text.quote;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A file to be written: its first bytes, the length and the header, and the tensors in the order of their data.
 *
 * @param head the header's length, the header, and spaces up to a multiple of 8 bytes
 * @param tensors in the order of their offsets
 */
record SafetensorsWriter(byte[] head, List<StoredTensor> tensors) {
  private static final int ALIGNMENT = 8;
  private static final long STAGE = 1 << 20;

  /** By code points, as UTF-8 is sorted. */
  private static final Comparator<String> CODE_POINTS =
      Comparator.comparing(text -> text.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  /** Lays out a file. */
  static SafetensorsWriter of(Collection<StoredTensor> tensors, Map<String, String> metadata) {
    tensors.forEach(tensor -> requireUnicode(tensor.name()));
    metadata.forEach((key, text) -> {
      requireUnicode(key);
      requireUnicode(text);
    });
    List<StoredTensor> byName = new ArrayList<>(tensors);
    byName.sort(Comparator.comparing(StoredTensor::name, CODE_POINTS));
    List<StoredTensor> ordered = new ArrayList<>(byName);
    ordered.sort(Comparator.comparing(tensor -> -tensor.dtype().bytes()));
    Map<String, Long> begins = new HashMap<>();
    long begin = 0;
    for (StoredTensor tensor : ordered) {
      String name = tensor.name();
      require(!name.equals(Header.METADATA), "a tensor is named " + Header.METADATA, "another name");
      require(begins.put(name, begin) == null, "two tensors are named " + quote(name), "different names");
      begin = Math.addExact(begin, tensor.bytes().byteSize());
    }
    List<String> members = new ArrayList<>();
    if (!metadata.isEmpty()) {
      Map<String, String> sorted = new TreeMap<>(CODE_POINTS);
      sorted.putAll(metadata);
      List<String> texts = new ArrayList<>();
      sorted.forEach((key, text) -> texts.add(string(key) + ":" + string(text)));
      members.add(string(Header.METADATA) + ":" + object(texts));
    }
    byName.forEach(tensor -> members.add(member(tensor, begins.get(tensor.name()))));
    return new SafetensorsWriter(head(object(members)), ordered);
  }

  /** Writes to a temporary file beside this one, and puts it in its place. */
  void write(Path file) throws IOException {
    Path target = file.toAbsolutePath();
    Path temporary = target.resolveSibling("." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW,
          StandardOpenOption.WRITE)) {
        writeTo(channel);
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    forceFolder(target.getParent());
  }

  private void writeTo(FileChannel channel) throws IOException {
    writeFully(channel, ByteBuffer.wrap(head));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stage = arena.allocate(STAGE);
      for (StoredTensor tensor : tensors) {
        MemorySegment bytes = tensor.bytes();
        for (long at = 0; at < bytes.byteSize(); at += STAGE) {
          long count = Math.min(STAGE, bytes.byteSize() - at);
          MemorySegment.copy(bytes, at, stage, 0, count);
          writeFully(channel, stage.asSlice(0, count).asByteBuffer());
        }
      }
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Makes the rename durable, where the system lets a folder be opened for that. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      System.getLogger("dev.sluice.io").log(System.Logger.Level.DEBUG, "folder " + folder + " cannot be synced", e);
    }
  }

  private static byte[] head(String json) {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    int length = Math.ceilDiv(text.length, ALIGNMENT) * ALIGNMENT;
    require(length <= Header.LONGEST, "the header has " + length + " bytes", "at most " + Header.LONGEST);
    byte[] head = new byte[Long.BYTES + length];
    Arrays.fill(head, (byte) ' ');
    ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(text);
    return head;
  }

  private static String member(StoredTensor tensor, long begin) {
    return string(tensor.name()) + ":{\"dtype\":\"" + tensor.dtype() + "\",\"shape\":" + array(tensor.shape())
        + ",\"data_offsets\":" + array(begin, begin + tensor.bytes().byteSize()) + "}";
  }

  private static String object(List<String> members) {
    return members.stream().collect(Collectors.joining(",", "{", "}"));
  }

  private static String array(long... numbers) {
    return LongStream.of(numbers).mapToObj(Long::toString).collect(Collectors.joining(",", "[", "]"));
  }

  private static String string(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < 0x20) {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }

  private static void requireUnicode(String text) {
    require(StandardCharsets.UTF_8.newEncoder().canEncode(text), quote(text) + " has half of a surrogate pair", "both");
  }

  private static void require(boolean condition, String given, String wanted) {
    if (!condition) {
      throw new IllegalArgumentException("safetensors: " + given + ", wanted " + wanted);
    }
  }
}
