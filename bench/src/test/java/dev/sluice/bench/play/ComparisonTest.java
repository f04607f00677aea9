package dev.sluice.bench.play;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.bench.work.Job.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static List<Result> results(float... values) {
    return List.of(new Result("output", values), new Result("gradient", new float[] {1}));
  }

  private static String refusal(List<Result> actual) {
    return assertThrows(DifferentException.class, () -> Comparison.error("peer", results(1, -4), actual)).getMessage();
  }

  @Test
  void theErrorIsRelativeToTheLargestMagnitude() {
    assertEquals(0, Comparison.error("peer", results(1, -4), results(1, -4)));
    assertEquals(5e-5, Comparison.error("peer", results(1, -4), results(1.0002f, -4)), 1e-7);
  }

  @Test
  void otherResultsAreRefused() {
    assertEquals("output of peer differs by 0.050 of its largest magnitude, wanted 0.00010 at most",
        refusal(results(1.2f, -4)));
    assertEquals("output of peer has 3 numbers, wanted 2", refusal(results(1, -4, 2)));
    assertEquals("peer has 1 results, wanted 2", refusal(results(1, -4).subList(0, 1)));
  }

  @Test
  void aNumberThatIsNoneIsRefused() {
    assertEquals("output of peer differs by NaN of its largest magnitude, wanted 0.00010 at most",
        refusal(results(1, Float.NaN)));
  }
}
