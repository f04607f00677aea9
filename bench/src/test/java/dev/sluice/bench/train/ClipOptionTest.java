package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.bench.train.ClipOption.Bounds;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClipOptionTest {
  @Test
  void readsEveryForm() {
    assertEquals(new ClipOption.None(), ClipOption.parse("none"));
    assertEquals(new ClipOption.Value(0.5), ClipOption.parse("value:0.5"));
    assertEquals(new ClipOption.Norm(1, 2), ClipOption.parse("norm:1"));
    assertEquals(new ClipOption.Norm(0, 1), ClipOption.parse("norm:0,1"));
    assertEquals(new ClipOption.Norm(3, Double.POSITIVE_INFINITY), ClipOption.parse("norm:3,inf"));
    assertEquals(new ClipOption.Range(List.of(new Bounds("*", -1, 2))), ClipOption.parse("range:-1,2"));
    assertEquals(new ClipOption.Range(List.of(new Bounds("*.weight_hh_l?", -1e-2, 0), new Bounds("*", -1, 1))),
        ClipOption.parse("range:*.weight_hh_l?=-1e-2,0;*=-1,1"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "none", "value:0.5", "value:3", "norm:1", "norm:1,1", "norm:0.25,inf", "range:-1,2", "range:a*=-1,2;b?=0,0",
    "range:a*=-1,2;*=-3,3", "range:*=-1,2;*=-3,3"
  })
  void writesItselfAsItIsRead(String text) {
    assertEquals(text, ClipOption.parse(text).toString());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '^', value = {
    "^^           | '' is unknown, wanted none, value:V, range:LO,HI, range:GLOB=LO,HI;... or norm:MAX[,P]",
    "NORM:1       | 'NORM:1' is unknown, wanted none, value:V, range:LO,HI, range:GLOB=LO,HI;... or norm:MAX[,P]",
    "none:1       | 'none:1' has more than none",
    "value        | '' does not give a number V",
    "value:       | '' does not give a number V",
    "value:x      | 'x' does not give a number V",
    "value:1,2    | '1,2' does not give a number V",
    "value:0      | V is 0, wanted a finite number above 0",
    "value:-1     | V is -1, wanted a finite number above 0",
    "value:NaN    | V is NaN, wanted a finite number above 0",
    "value:inf    | V is inf, wanted a finite number above 0",
    "norm:        | '' does not give numbers MAX[,P]",
    "norm:1,2,3   | '1,2,3' does not give numbers MAX[,P]",
    "norm:-1      | MAX is -1, wanted a finite number, 0 or more",
    "norm:NaN     | MAX is NaN, wanted a finite number, 0 or more",
    "norm:1,0     | P is 0, wanted a number above 0, or inf",
    "norm:1,NaN   | P is NaN, wanted a number above 0, or inf",
    "range:       | '' does not give two numbers LO,HI",
    "range:1      | '1' does not give two numbers LO,HI",
    "range:2,1    | bounds are 2,1, wanted LO not above HI",
    "range:0,NaN  | bounds are 0,NaN, wanted finite numbers",
    "range:0,inf  | bounds are 0,inf, wanted finite numbers",
    "range:=0,1   | a GLOB is empty, wanted a pattern for parameter names such as *.weight_hh_l0",
    "range:a=0,1; | '' has no GLOB, wanted GLOB=LO,HI",
    "range:a=0    | '0' does not give two numbers LO,HI",
    "range:0,1;a=0,1 | '0,1' has no GLOB, wanted GLOB=LO,HI",
  })
  void refusesWhatIsNone(String text, String message) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, () -> ClipOption.parse(text)).getMessage());
  }

  @Test
  void patternsMatchWholeNames() {
    assertTrue(new Bounds("*", 0, 1).matches("recurrence.weight_hh_l0"));
    assertTrue(new Bounds("*weight_??_l0", 0, 1).matches("recurrence.weight_hh_l0"));
    assertTrue(new Bounds("classifier.bias", 0, 1).matches("classifier.bias"));
    assertFalse(new Bounds("classifier.bias", 0, 1).matches("classifierXbias"));
    assertFalse(new Bounds("bias", 0, 1).matches("classifier.bias"));
    assertFalse(new Bounds("*.weight_?", 0, 1).matches("recurrence.weight_hh"));
    assertTrue(new Bounds("a.*+[b]", 0, 1).matches("a.x+[b]"));
  }
}
