package dev.sluice.bench.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A dictionary that is easily learned: each letter has its phoneme, {@code c} two of them, and a word that begins with
 * {@code a} may also be said with another one there.
 */
final class ToyDictionary {
  private static final String LETTERS = "abcd";
  private static final List<String> PHONEMES = List.of("AA", "B", "K S", "D");

  private ToyDictionary() {}

  /** Writes so many words of 1 to 5 letters. */
  static Path write(Path file, int count) throws IOException {
    var random = new SplittableRandom(3);
    Set<String> words = new LinkedHashSet<>();
    while (words.size() < count) {
      var word = new StringBuilder();
      for (int length = random.nextInt(1, 6); length > 0; length--) {
        word.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
      }
      words.add(word.toString());
    }
    List<String> lines = new ArrayList<>();
    for (String word : words) {
      String said = String.join(" ", word.chars().mapToObj(letter -> PHONEMES.get(LETTERS.indexOf(letter))).toList());
      lines.add(word + " " + said);
      if (word.startsWith("a")) {
        lines.add(word + "(2) EY" + said.substring(2));
      }
    }
    return Files.write(file, lines);
  }

  /** Options for it; all but what is given is small. */
  static G2pOptions options(CellKind cell, ScoreKind score, int layers, int epochs) {
    return options(cell, AttentionOption.Plain.SOFT, score, layers, epochs);
  }

  /** The same with any attention; the score of one that has none is null. */
  static G2pOptions options(CellKind cell, AttentionOption attention, @Nullable ScoreKind score, int layers,
      int epochs) {
    return new G2pOptions(ModelKind.RNN, cell, attention, score, score == null ? 2 : null, 24, layers, 8, 0.05, 0.05,
        new ClipOption.Norm(1, 2), epochs, 16, 0.02, 3, 1, 1, null, null);
  }

  /** Options of a small transformer. */
  static G2pOptions transformer(int epochs) {
    return new G2pOptions(ModelKind.TRANSFORMER, null, null, null, 2, 24, 2, null, 0.05, 0.05,
        new ClipOption.Norm(1, 2), epochs, 16, 0.005, 3, 1, 1, null, null);
  }
}
