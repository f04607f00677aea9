package dev.sluice.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Damages safetensors files: blindly, and knowing where the header's tokens and members are. */
final class Mutator {
  private static final Pattern TOKEN = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|\\d+|[^\\d\"]");
  private static final Pattern MEMBER = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\":(?:\\{[^{}]*}|\\[[^]]*]|\"[^\"]*\")");

  private static final List<String> NUMBERS = List.of("0", "1", "2", "3", "4", "7", "8", "16", "24", "255",
      "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
      "18446744073709551616", "-1", "-0", "00", "01", "1.0", "1e1", "0x1", "", "null", "\"1\"", "[1]",
          "99999999999999999999999999");
  private static final List<String> STRINGS = List.of("\"__metadata__\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"",
      "\"F32\"", "\"F64\"", "\"BOOL\"", "\"U8\"", "\"F8_E4M3\"", "\"\"", "\"\\ud83d\"", "\"\\ud83d\\ude00\"",
      "\"\\u0000\"", "\"\u00c0\u0080\"", "\"\u00ed\u00a0\u0080\"", "\"\u00e6\u0097\u00a5\"", "\"\\x\"", "\"\n\"", "\"a",
      "1", "null", "true", "{}", "[]");
  private static final List<String> OTHERS = List.of("{", "}", "[", "]", ",", ":", " ", "\t\n\r", "\"", "\\", "\u0000",
      "\u00ff", "//", "[[[[[[[[", "{\"a\":", ",,", "}}");

  private final Random random;

  Mutator(long seed) {
    random = new Random(seed);
  }

  /** This file with one to four changes. */
  byte[] mutate(byte[] file) {
    byte[] mutated = file;
    for (int changes = 1 + random.nextInt(4) * random.nextInt(2); changes > 0; changes--) {
      mutated = random.nextInt(3) == 0 ? blindly(mutated) : inHeader(mutated);
    }
    return mutated;
  }

  private byte[] blindly(byte[] file) {
    if (file.length == 0) {
      return new byte[random.nextInt(20)];
    }
    byte[] changed = file.clone();
    int at = random.nextInt(file.length);
    int count = Math.min(1 + random.nextInt(16), file.length - at);
    int other = random.nextInt(file.length - count + 1);
    return switch (random.nextInt(7)) {
      case 0 -> {
        changed[at] ^= (byte) (1 << random.nextInt(8));
        yield changed;
      }
      case 1 -> Arrays.copyOf(file, at);
      case 2 -> {
        byte[] inserted = new byte[count];
        random.nextBytes(inserted);
        yield splice(file, at, at, inserted);
      }
      case 3 -> splice(file, at, at + count, new byte[0]);
      case 4 -> {
        System.arraycopy(file, other, changed, at, count);
        System.arraycopy(file, at, changed, other, count);
        yield changed;
      }
      case 5 -> splice(file, file.length, file.length, new byte[count]);
      default -> {
        changed[Math.min(random.nextInt(9), file.length - 1)] = (byte) random.nextInt(256);
        yield changed;
      }
    };
  }

  private byte[] inHeader(byte[] file) {
    long length = file.length < 8 ? -1 : ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > file.length - 8) {
      return blindly(file);
    }
    String header = new String(file, 8, (int) length, StandardCharsets.ISO_8859_1);
    byte[] data = Arrays.copyOfRange(file, 8 + (int) length, file.length);
    byte[] changed = edited(header).getBytes(StandardCharsets.ISO_8859_1);
    byte[] whole = Bytes.file(changed, data);
    if (random.nextInt(8) == 0) {
      // The length still says what it said.
      System.arraycopy(file, 0, whole, 0, 8);
    }
    return whole;
  }

  private String edited(String header) {
    List<String> tokens = new ArrayList<>(TOKEN.matcher(header).results().map(MatchResult::group).toList());
    List<String> members = MEMBER.matcher(header).results().map(MatchResult::group).toList();
    switch (random.nextInt(8)) {
      case 0, 1 -> replace(tokens, token -> Character.isDigit(token.charAt(0)), NUMBERS);
      case 2 -> replace(tokens, token -> token.length() > 1 && token.charAt(0) == '"', STRINGS);
      case 3 -> replace(tokens, _ -> true, OTHERS);
      case 4 -> tokens.add(random.nextInt(tokens.size() + 1), any(OTHERS));
      case 5 -> {
        if (tokens.size() > 1) {
          Collections.swap(tokens, random.nextInt(tokens.size()), random.nextInt(tokens.size()));
        }
      }
      case 6 -> {
        if (!members.isEmpty()) {
          return header.replace(any(members), any(members));
        }
      }
      default -> {
        if (!members.isEmpty()) {
          String member = any(members);
          return random.nextBoolean() ? header.replace(member + ",", "")
              : header.replace(member, member + "," + any(members));
        }
      }
    }
    return String.join("", tokens);
  }

  private void replace(List<String> tokens, Predicate<String> which, List<String> by) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      if (which.test(tokens.get(i))) {
        places.add(i);
      }
    }
    if (!places.isEmpty()) {
      tokens.set(any(places), any(by));
    }
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private static byte[] splice(byte[] file, int from, int to, byte[] replacement) {
    byte[] spliced = Arrays.copyOf(file, file.length - (to - from) + replacement.length);
    System.arraycopy(replacement, 0, spliced, from, replacement.length);
    System.arraycopy(file, to, spliced, from + replacement.length, file.length - to);
    return spliced;
  }
}
