package dev.sluice.io;

import java.util.Arrays;

/**
 * Strict JSON (RFC 8259), read token by token for a reader that knows what must come next: objects, arrays, strings and
 * non-negative integers. There is no recursion, so no depth to exhaust, and what a token takes in memory is bounded by
 * its length. Every refusal names the byte of the file.
 */
final class JsonReader {
  private final String source;
  private final byte[] bytes;
  private final int base;
  private final StringBuilder text = new StringBuilder();
  private int position;

  /**
   * Over a whole text.
   *
   * @param source what messages call the file
   * @param base where in the file the text begins
   */
  JsonReader(String source, byte[] bytes, int base) {
    this.source = source;
    this.bytes = bytes;
    this.base = base;
  }

  /** The byte of the file at which the next token begins. */
  int offset() {
    skipSpace();
    return base + position;
  }

  /** Reads an opening bracket or brace. */
  void begin(char bracket) throws SafetensorsException {
    require(bracket, bracket == '{' ? "an object" : "an array");
  }

  /** Reads up to the next element of an array or an object and is true, or reads the closing bracket and is false. */
  boolean more(char end, boolean first) throws SafetensorsException {
    skipSpace();
    if (position < bytes.length && bytes[position] == end) {
      position++;
      return false;
    }
    if (!first) {
      require(',', end == '}' ? "',' or '}'" : "',' or ']'");
    }
    return true;
  }

  /** Reads a name and its colon. */
  String key() throws SafetensorsException {
    String key = string();
    require(':', "':'");
    return key;
  }

  /** Reads to the end, where only white space may be. */
  void end() throws SafetensorsException {
    skipSpace();
    if (position < bytes.length) {
      throw unexpected("nothing but spaces after the header's object");
    }
  }

  /** Reads an array of integers. */
  long[] numbers() throws SafetensorsException {
    begin('[');
    long[] values = new long[4];
    int count = 0;
    for (boolean first = true; more(']', first); first = false) {
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = number();
    }
    return Arrays.copyOf(values, count);
  }

  private long number() throws SafetensorsException {
    skipSpace();
    int start = position;
    long value = 0;
    while (position < bytes.length && bytes[position] >= '0' && bytes[position] <= '9') {
      int digit = bytes[position] - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) {
        throw wrong(start, "number is above 2^63-1, wanted 0 to 2^63-1");
      }
      value = 10 * value + digit;
      position++;
    }
    if (position == start) {
      throw unexpected("an integer of 0 or more");
    }
    if (bytes[start] == '0' && position > start + 1) {
      throw wrong(start, "number begins with 0, wanted no leading zeros");
    }
    return value;
  }

  /** Reads a string. */
  String string() throws SafetensorsException {
    require('"', "a string");
    int start = position - 1;
    text.setLength(0);
    while (position < bytes.length) {
      int lead = bytes[position++] & 0xff;
      if (lead == '"') {
        return text.toString();
      } else if (lead == '\\') {
        text.appendCodePoint(escaped());
      } else if (lead < 0x20) {
        throw wrong(position - 1, "control character in a string, wanted an escape");
      } else {
        text.appendCodePoint(lead < 0x80 ? lead : decoded(lead));
      }
    }
    throw wrong(start, "string has no end");
  }

  /** The code point of an escape whose backslash was read. */
  private int escaped() throws SafetensorsException {
    int start = position - 1;
    int kind = position < bytes.length ? bytes[position++] : -1;
    return switch (kind) {
      case '"', '\\', '/' -> kind;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        char unit = hexadecimal(start);
        if (!Character.isSurrogate(unit)) {
          yield unit;
        }
        boolean another = Character.isHighSurrogate(unit) && position + 1 < bytes.length && bytes[position] == '\\'
            && bytes[position + 1] == 'u';
        position += another ? 2 : 0;
        char low = another ? hexadecimal(start) : unit;
        if (!another || !Character.isLowSurrogate(low)) {
          throw wrong(start, "escape is half of a surrogate pair, wanted both");
        }
        yield Character.toCodePoint(unit, low);
      }
      default -> throw wrong(start, "escape is none of JSON's");
    };
  }

  private char hexadecimal(int start) throws SafetensorsException {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = position < bytes.length ? Character.digit(bytes[position++], 16) : -1;
      if (digit < 0) {
        throw wrong(start, "escape has no four hexadecimal digits");
      }
      value = value << 4 | digit;
    }
    return (char) value;
  }

  /** The code point of UTF-8 whose first byte, 0x80 or more, was read. */
  private int decoded(int lead) throws SafetensorsException {
    int start = position - 1;
    int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    int value = lead & 0x3f >> more;
    for (int i = 0; i < more; i++) {
      int next = position < bytes.length ? bytes[position++] : 0;
      if ((next & 0xc0) != 0x80) {
        throw wrong(start, "invalid UTF-8");
      }
      value = value << 6 | next & 0x3f;
    }
    boolean shortest = value >= (more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000);
    if (lead < 0xc0 || lead > 0xf4 || !shortest || value > Character.MAX_CODE_POINT
        || value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE) {
      throw wrong(start, "invalid UTF-8");
    }
    return value;
  }

  private void require(char wanted, String described) throws SafetensorsException {
    skipSpace();
    if (position == bytes.length || bytes[position] != wanted) {
      throw unexpected(described);
    }
    position++;
  }

  private void skipSpace() {
    while (position < bytes.length && (bytes[position] == ' ' || bytes[position] == '\n' || bytes[position] == '\r'
        || bytes[position] == '\t')) {
      position++;
    }
  }

  private SafetensorsException unexpected(String wanted) {
    return wrong(position, (position == bytes.length ? "the header ends" : "found "
        + Text.character(bytes[position])) + ", wanted " + wanted);
  }

  private SafetensorsException wrong(int at, String problem) {
    return new SafetensorsException(source + ": byte " + (base + at) + ": " + problem);
  }
}
