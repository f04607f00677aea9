package dev.sluice.bench.train;

import dev.sluice.data.DataException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Words with their pronunciations, from a file in the format of the CMU pronouncing dictionary: a word and its phonemes
 * on a line, separated by blanks; {@code WORD(2)} is another pronunciation of {@code WORD}; a line that begins with
 * {@code ;;;} is a comment.
 *
 * @param words each once, in the order of the file
 */
record PronouncingDictionary(List<Word> words) {
  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final Pattern VARIANT = Pattern.compile("(.+)\\(\\d+\\)");

  PronouncingDictionary {
    words = List.copyOf(words);
  }

  /**
   * Reads a file in UTF-8.
   *
   * @throws DataException if it is none of that format
   */
  static PronouncingDictionary read(Path file) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new DataException(file + ": not a text in UTF-8, wanted lines such as 'hello HH AH L OW'", e);
    }
    Map<String, List<List<String>>> words = new LinkedHashMap<>();
    for (int number = 1; number <= lines.size(); number++) {
      String line = lines.get(number - 1).strip();
      if (line.isEmpty() || line.startsWith(";;;")) {
        continue;
      }
      String[] parts = BLANKS.split(line);
      if (parts.length < 2) {
        throw new DataException(file + ":" + number + ": '" + line
            + "' has no phonemes, wanted a word and its phonemes such as 'hello HH AH L OW'");
      }
      Matcher variant = VARIANT.matcher(parts[0]);
      String spelling = variant.matches() ? variant.group(1) : parts[0];
      List<List<String>> known = words.computeIfAbsent(spelling, _ -> new ArrayList<>());
      List<String> phonemes = List.of(Arrays.copyOfRange(parts, 1, parts.length));
      if (!known.contains(phonemes)) {
        known.add(phonemes);
      }
    }
    if (words.isEmpty()) {
      throw new DataException(file + ": no word there, wanted lines such as 'hello HH AH L OW'");
    }
    return new PronouncingDictionary(
        words.entrySet().stream().map(entry -> new Word(entry.getKey(), entry.getValue())).toList());
  }
}
