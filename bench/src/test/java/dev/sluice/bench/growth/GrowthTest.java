package dev.sluice.bench.growth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.bench.work.Catalogue;
import dev.sluice.bench.work.Pass;
import dev.sluice.bench.work.Series;
import dev.sluice.bench.work.Work;
import java.util.List;
import org.junit.jupiter.api.Test;

class GrowthTest {
  private static final Series LENGTHS = new Series(Series.Axis.LENGTH, List.of(
      new Series.Step(128, new Work.Attention(Pass.FORWARD, 1, 8, 128, 64, false)),
      new Series.Step(256, new Work.Attention(Pass.FORWARD, 1, 8, 256, 64, false)),
      new Series.Step(512, new Work.Attention(Pass.FORWARD, 1, 8, 512, 64, false))));

  @Test
  void exponentOfAPowerLawIsFound() {
    assertEquals(2, PowerLaw.exponent(new double[] {1, 2, 4, 8}, new double[] {3, 12, 48, 192}), 1e-12);
    assertEquals(-1, PowerLaw.exponent(new double[] {1, 2}, new double[] {10, 5}), 1e-12);
  }

  @Test
  void exponentNeedsTwoPointsOfBoth() {
    var refused = assertThrows(IllegalArgumentException.class,
        () -> PowerLaw.exponent(new double[] {1}, new double[] {1}));
    assertEquals("power law: x has 1 and y 1 values, wanted 2 or more of both", refused.getMessage());
  }

  @Test
  void attentionGrowsWithTheSquareOfItsLength() {
    Growth square = Growth.of(LENGTHS, new double[] {100, 400, 1600});
    assertEquals(2, square.exponent(), 1e-12);
    assertEquals(2, square.arithmetic(), 1e-12);
    assertFalse(square.tooFast());
  }

  @Test
  void timeThatGrowsFasterThanArithmeticIsSeen() {
    assertTrue(Growth.of(LENGTHS, new double[] {100, 500, 2500}).tooFast());
  }

  @Test
  void threadsAreToldNotJudged() {
    var work = new Work.Gemm(64, 64, 64);
    var threads = new Series(Series.Axis.THREADS, List.of(new Series.Step(1, work), new Series.Step(2, work)));
    Growth growth = Growth.of(threads, new double[] {100, 120});
    assertEquals(-1, growth.arithmetic());
    assertFalse(growth.tooFast());
    assertEquals(2, threads.threads(threads.steps().getLast()));
    assertEquals(1, LENGTHS.threads(LENGTHS.steps().getLast()));
  }

  @Test
  void everyStepIsFoundByItsNameAndIsTwiceTheOneBefore() {
    for (Series series : Series.all()) {
      int before = 0;
      for (Series.Step step : series.steps()) {
        assertEquals(step.work(), Catalogue.named(step.work().name()));
        assertTrue(before == 0 || step.size() == 2 * before, () -> series + " has " + step);
        before = step.size();
      }
    }
  }
}
