package dev.sluice.io;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How messages show what a file holds: on one line, and short whatever the file says. */
final class Text {
  private static final int LONGEST_NAME = 80;
  private static final int MOST_SIZES = 8;

  private Text() {}

  /** In quotes, without control characters, and cut if it is long. */
  static String quote(String name) {
    StringBuilder quoted = new StringBuilder("\"");
    name.codePoints().limit(LONGEST_NAME).forEach(c -> {
      if (Character.isISOControl(c) || Character.getType(c) == Character.LINE_SEPARATOR
          || Character.getType(c) == Character.PARAGRAPH_SEPARATOR) {
        quoted.append(String.format("\\u%04x", c));
      } else {
        quoted.appendCodePoint(c);
      }
    });
    return quoted.append(name.codePointCount(0, name.length()) > LONGEST_NAME ? "...\"" : "\"").toString();
  }

  /** A byte, as the character that it is if it is printable ASCII. */
  static String character(byte value) {
    return value > ' ' && value <= '~' ? "'" + (char) value + "'" : String.format("byte 0x%02x", value);
  }

  /** For example {@code (2, 3)}. */
  static String describe(long[] shape) {
    return Arrays.stream(shape).limit(MOST_SIZES).mapToObj(Long::toString)
        .collect(Collectors.joining(", ", "(", shape.length > MOST_SIZES ? ", ...)" : ")"));
  }
}
