package dev.sluice.io;

import static dev.sluice.io.Text.describe;
import static dev.sluice.io.Text.quote;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a safetensors file says it holds. The file is the header's length as an unsigned little-endian 64-bit integer,
 * the header, and the bytes of all tensors. The header is JSON, from its first byte a brace:
 *
 * <pre>{@code
 * {"__metadata__": {"key": "text"}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}
 * }</pre>
 *
 * <p>Offsets count from the end of the header, the second one excluded. In the order of their offsets, which need not
 * be that of the header, the tensors cover the rest of the file without a gap. Nothing is believed before it is
 * checked, and what is allocated is a small multiple of the header's own bytes.
 *
 * @param tensors by name, in the order of the header
 * @param metadata in the order of the header
 */
record Header(Map<String, StoredTensor> tensors, Map<String, String> metadata) {
  /** The name that no tensor has. */
  static final String METADATA = "__metadata__";

  /** The format's limit on the header's length. */
  static final int LONGEST = 100_000_000;

  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** A tensor's part of the header, of which begin to end is known to be as long as type and shape say. */
  private record Entry(String name, Dtype dtype, long[] shape, long begin, long end) {}

  Header {
    tensors = Collections.unmodifiableMap(tensors);
    metadata = Collections.unmodifiableMap(metadata);
  }

  /**
   * Reads and checks the header of a file.
   *
   * @param source what messages call the file
   * @param content all of it
   */
  static Header parse(String source, MemorySegment content) throws SafetensorsException {
    return new Parser(source, content).parse();
  }

  private static final class Parser {
    private final String source;
    private final MemorySegment content;
    private final JsonReader json;
    private final MemorySegment data;

    Parser(String source, MemorySegment content) throws SafetensorsException {
      this.source = source;
      this.content = content;
      int length = headerLength();
      this.json = new JsonReader(source, content.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE),
          Long.BYTES);
      this.data = content.asSlice(Long.BYTES + length);
    }

    Header parse() throws SafetensorsException {
      Map<String, Entry> entries = new LinkedHashMap<>();
      Map<String, String> metadata = null;
      json.begin('{');
      for (boolean first = true; json.more('}', first); first = false) {
        int at = json.offset();
        String name = json.key();
        boolean unique;
        if (name.equals(METADATA)) {
          unique = metadata == null;
          metadata = metadata();
        } else {
          unique = entries.put(name, entry(name)) == null;
        }
        if (!unique) {
          throw wrong(at, quote(name) + " stands twice");
        }
      }
      json.end();
      requireCover(entries.values());
      Map<String, StoredTensor> tensors = LinkedHashMap.newLinkedHashMap(entries.size());
      entries.values().forEach(entry -> tensors.put(entry.name, new StoredTensor(entry.name, entry.dtype, entry.shape,
          data.asSlice(entry.begin, entry.end - entry.begin))));
      return new Header(tensors, metadata == null ? Map.of() : metadata);
    }

    private int headerLength() throws SafetensorsException {
      long size = content.byteSize();
      if (size < Long.BYTES) {
        throw new SafetensorsException(source + ": has " + size
            + " bytes, wanted 8 or more: they are the header's length");
      }
      long length = content.get(LENGTH, 0);
      if (length < 0 || length > LONGEST) {
        throw wrong(0, "header length is " + Long.toUnsignedString(length) + ", wanted at most " + LONGEST);
      }
      if (length > size - Long.BYTES) {
        throw wrong(0, "header length is " + length + ", wanted at most the " + (size - Long.BYTES)
            + " bytes that follow");
      }
      if (length == 0 || content.get(ValueLayout.JAVA_BYTE, Long.BYTES) != '{') {
        throw wrong(Long.BYTES, "header begins with " + (length == 0 ? "nothing"
            : Text.character(content.get(ValueLayout.JAVA_BYTE, Long.BYTES))) + ", wanted '{'");
      }
      return (int) length;
    }

    private Map<String, String> metadata() throws SafetensorsException {
      Map<String, String> metadata = new LinkedHashMap<>();
      json.begin('{');
      for (boolean first = true; json.more('}', first); first = false) {
        int at = json.offset();
        String key = json.key();
        if (metadata.put(key, json.string()) != null) {
          throw wrong(at, quote(key) + " stands twice in " + METADATA);
        }
      }
      return metadata;
    }

    private Entry entry(String name) throws SafetensorsException {
      String dtype = null;
      long[] shape = null;
      long[] offsets = null;
      json.begin('{');
      for (boolean first = true; json.more('}', first); first = false) {
        int at = json.offset();
        String field = json.key();
        boolean unique;
        switch (field) {
          case "dtype" -> {
            unique = dtype == null;
            dtype = json.string();
          }
          case "shape" -> {
            unique = shape == null;
            shape = json.numbers();
          }
          case "data_offsets" -> {
            unique = offsets == null;
            offsets = json.numbers();
          }
          default -> throw wrong(at, "tensor " + quote(name) + " has a field " + quote(field)
              + ", wanted dtype, shape and data_offsets");
        }
        if (!unique) {
          throw wrong(at, quote(field) + " stands twice in tensor " + quote(name));
        }
      }
      return checked(name, dtype, shape, offsets);
    }

    private Entry checked(String name, @Nullable String dtype, long @Nullable [] shape, long @Nullable [] offsets)
        throws SafetensorsException {
      if (dtype == null || shape == null || offsets == null) {
        throw wrong(name, "has no " + (dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets"),
            "dtype, shape and data_offsets");
      }
      Dtype known = Dtype.named(dtype);
      if (known == null) {
        throw wrong(name, "has dtype " + quote(dtype), "one of " + List.of(Dtype.values()));
      }
      if (offsets.length != 2) {
        throw wrong(name, "has " + offsets.length + " data_offsets", "two");
      }
      long begin = offsets[0];
      long end = offsets[1];
      if (begin > end || end > data.byteSize()) {
        throw wrong(name, "has data_offsets " + begin + " to " + end, "an ascending range within the "
            + data.byteSize() + " bytes of data");
      }
      long bytes;
      try {
        bytes = known.bytes(shape);
      } catch (ArithmeticException _) {
        throw wrong(name, "has " + known + " " + describe(shape), "at most 2^63-1 bytes");
      }
      if (bytes != end - begin) {
        throw wrong(name, "has " + (end - begin) + " bytes (data_offsets " + begin + " to " + end + ")", bytes
            + " for " + known + " " + describe(shape));
      }
      return new Entry(name, known, shape, begin, end);
    }

    /** Refuses overlaps, gaps and bytes left over. */
    private void requireCover(Collection<Entry> entries) throws SafetensorsException {
      List<Entry> ordered = new ArrayList<>(entries);
      ordered.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
      long covered = 0;
      for (Entry entry : ordered) {
        if (entry.begin != covered) {
          throw wrong(entry.name, "begins at data offset " + entry.begin, covered
              + (entry.begin < covered ? ": it overlaps the one before" : ": there is a gap"));
        }
        covered = entry.end;
      }
      if (covered != data.byteSize()) {
        throw new SafetensorsException(source + ": has " + data.byteSize() + " bytes of data, wanted " + covered
            + " for its " + entries.size() + " tensors");
      }
    }

    private SafetensorsException wrong(int at, String problem) {
      return new SafetensorsException(source + ": byte " + at + ": " + problem);
    }

    private SafetensorsException wrong(String tensor, String given, String wanted) {
      return new SafetensorsException(source + ": tensor " + quote(tensor) + " " + given + ", wanted " + wanted);
    }
  }
}
