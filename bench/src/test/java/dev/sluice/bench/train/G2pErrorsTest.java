package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class G2pErrorsTest {
  private static List<String> phonemes(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', 0", "K AE T, K AE T, 0", "K AE T, '', 3", "'', K AE T, 3", "K AE T, K AA T, 1", "K AE T, AE T, 1",
    "K AE T, K AE T S, 1", "S IH T IH N, K IH T EH N Z, 3", "A B C D, B C D A, 2", "A B, B A, 2"
  })
  void theDistanceIsTheFewestChanges(String a, String b, int distance) {
    assertEquals(distance, EditDistance.between(phonemes(a), phonemes(b)));
    assertEquals(distance, EditDistance.between(phonemes(b), phonemes(a)));
  }

  @Test
  void anyListedPronunciationIsRight() {
    var read = new Word("read", List.of(phonemes("R EH D"), phonemes("R IY D"), phonemes("R IY D ER Z")));
    G2pErrors right = G2pErrors.NONE.and(read, phonemes("R IY D")).and(read, phonemes("R EH D"));
    assertEquals(new G2pErrors(0, 6, 0, 2), right);
    G2pErrors errors = right.and(read, phonemes("R IY D ER")).and(read, phonemes("R AA"));
    assertEquals(new G2pErrors(3, 12, 2, 4), errors);
    assertEquals(0.25, errors.phonemeErrorRate());
    assertEquals(0.5, errors.wordErrorRate());
    assertEquals(new G2pErrors(3, 3, 1, 1), G2pErrors.NONE.and(read, List.of()));
  }
}
