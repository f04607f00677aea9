package dev.sluice.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DropoutTest {
  @Test
  void thresholdIsTheKeptShareOfAllWords() {
    assertEquals(1L << 32, new Dropout(0, 1, 0).threshold());
    assertEquals(1L << 31, new Dropout(0.5, 1, 0).threshold());
    assertEquals(3L << 30, new Dropout(0.25, 1, 0).threshold());
    assertEquals(0, new Dropout(1, 1, 0).threshold());
  }

  @Test
  void scaleKeepsTheMean() {
    assertEquals(1, Dropout.NONE.scale());
    assertEquals(4, new Dropout(0.75, 1, 0).scale());
    assertEquals(0, new Dropout(1, 1, 0).scale());
  }

  @Test
  void keepsWordsBelowTheThreshold() {
    // Under key 0 the words of counter 0 are 6627e8d5, e169c58d, bc57ac4c, 9b00dbd8: 0.40, 0.88, 0.74 and 0.61 of 2^32.
    Dropout third = new Dropout(0.3, 0, 0);
    assertTrue(third.keeps(0));
    assertFalse(third.keeps(1));
    assertFalse(third.keeps(2));
    assertTrue(third.keeps(3));
  }

  @Test
  void extremesKeepAllOrNothing() {
    for (int element = 0; element < 1000; element++) {
      assertTrue(Dropout.NONE.keeps(element));
      assertFalse(new Dropout(1, 5, 9).keeps(element));
    }
  }

  @Test
  void dropsTheShareAskedFor() {
    Dropout dropout = new Dropout(0.3, 42, 17);
    int kept = 0;
    for (int element = 0; element < 100_000; element++) {
      kept += dropout.keeps(element) ? 1 : 0;
    }
    // Five standard deviations of a binomial of 100,000 draws: 725.
    assertEquals(70_000, kept, 725);
  }

  @Test
  void refusesWhatIsNoProbability() {
    for (double probability : new double[] {-0.1, 1.1, Double.NaN}) {
      var error = assertThrows(IllegalArgumentException.class, () -> new Dropout(probability, 0, 0));
      assertEquals("dropout: probability is " + probability + ", wanted a probability, 0 to 1", error.getMessage());
    }
  }
}
