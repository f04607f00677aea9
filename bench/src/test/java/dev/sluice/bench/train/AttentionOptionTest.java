package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionOptionTest {
  @Test
  void readsEveryForm() {
    assertEquals(AttentionOption.Plain.NONE, AttentionOption.parse("none"));
    assertEquals(AttentionOption.Plain.SOFT, AttentionOption.parse("soft"));
    assertEquals(new AttentionOption.TopK(4), AttentionOption.parse("hard:topk=4"));
    assertEquals(new AttentionOption.Threshold(0.05), AttentionOption.parse("hard:threshold=5e-2"));
    assertEquals(new AttentionOption.Sample(), AttentionOption.parse("hard:sample"));
    assertEquals(AttentionOption.Plain.SPARSEMAX, AttentionOption.parse("sparsemax"));
    assertEquals(AttentionOption.Plain.FEATURE, AttentionOption.parse("feature"));
    assertEquals(AttentionOption.Plain.SELF, AttentionOption.parse("self"));
    assertEquals(AttentionOption.Plain.MULTIHEAD, AttentionOption.parse("multihead"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "soft", "hard:topk=1", "hard:threshold=0.05", "hard:sample", "sparsemax", "feature",
    "self", "multihead"})
  void writesItselfAsItIsRead(String text) {
    assertEquals(text, AttentionOption.parse(text).toString());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '^', value = {
    "^^                   | '' is unknown, wanted " + AttentionOption.FORMS,
    "SOFT                 | 'SOFT' is unknown, wanted " + AttentionOption.FORMS,
    "soft=1               | 'soft=1' is unknown, wanted " + AttentionOption.FORMS,
    "hard                 | 'hard' is unknown, wanted " + AttentionOption.FORMS,
    "hard:topk            | 'hard:topk' is unknown, wanted " + AttentionOption.FORMS,
    "hard:sample=1        | 'hard:sample=1' is unknown, wanted " + AttentionOption.FORMS,
    "hard:topk=           | '' does not give a whole number K",
    "hard:topk=1.5        | '1.5' does not give a whole number K",
    "hard:topk=0          | K is 0, wanted 1 or more",
    "hard:threshold=      | '' does not give a number T",
    "hard:threshold=x     | 'x' does not give a number T",
    "hard:threshold=-0.5  | T is -0.5, wanted a number from 0 to 1",
    "hard:threshold=1.5   | T is 1.5, wanted a number from 0 to 1",
    "hard:threshold=NaN   | T is NaN, wanted a number from 0 to 1",
  })
  void refusesWhatIsNone(String text, String message) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, () -> AttentionOption.parse(text)).getMessage());
  }
}
