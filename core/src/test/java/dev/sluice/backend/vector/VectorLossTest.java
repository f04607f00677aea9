package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorFixture.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.CrossEntropySpec;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Cross-entropy against its definition in double. */
class VectorLossTest {
  private static final int IGNORED = -100;

  private final Workers workers = new Workers(1);
  private final VectorLoss loss = new VectorLoss(workers, new Scratch());

  @Test
  void everyOptionMatchesTheDefinition() {
    Random random = new Random(1);
    for (int classes : new int[] {1, 2, 10, Lanes.COUNT - 1, Lanes.COUNT + 1, 97, 1031}) {
      for (int rows : new int[] {0, 1, 7}) {
        for (Reduction reduction : Reduction.values()) {
          for (double smoothing : new double[] {0, 0.1, 1}) {
            CrossEntropySpec spec = new CrossEntropySpec(rows, classes, reduction, IGNORED, smoothing);
            int[] labels = random.ints(rows, 0, classes).toArray();
            float[] logits = VectorFixture.normal(random, rows * classes);
            if (rows > 2) {
              labels[2] = IGNORED;
              logits[2 * classes] = Float.NaN;
            }
            compare(spec, logits, labels, VectorFixture.normal(random, spec.losses()));
          }
        }
      }
    }
  }

  @Test
  void manyRowsInChunks() {
    Random random = new Random(2);
    CrossEntropySpec spec = new CrossEntropySpec(20_011, 17, Reduction.MEAN, 3, 0.2);
    compare(spec, VectorFixture.normal(random, 20_011 * 17), random.ints(20_011, 0, 17).toArray(), new float[] {3});
  }

  @Test
  void aLogitOfNegativeInfinityHurtsOnlyItsOwnLabel() {
    float inf = Float.POSITIVE_INFINITY;
    CrossEntropySpec spec = new CrossEntropySpec(2, 3, Reduction.NONE, IGNORED, 0);
    Buffer losses = VectorFixture.result(2);
    loss.crossEntropy(spec, VectorFixture.reals(1, -inf, 1, 1, -inf, 1), VectorFixture.ints(0, 1), losses, null);
    assertEquals(Math.log(2), VectorFixture.values(losses)[0], 1e-6);
    assertEquals(inf, VectorFixture.values(losses)[1]);
  }

  @Test
  void aLabelOutOfRangeIsRefusedBeforeAnythingIsWritten() {
    CrossEntropySpec spec = new CrossEntropySpec(2, 3, Reduction.NONE, IGNORED, 0);
    Buffer losses = VectorFixture.reals(7, 7);
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
        () -> loss.crossEntropy(spec, VectorFixture.reals(1, 2, 3, 4, 5, 6), VectorFixture.ints(0, 3), losses, null));
    assertEquals("crossEntropy: labels[1] is 3, wanted 0 to 2 or -100 to ignore the row", e.getMessage());
    assertEquals(7, VectorFixture.values(losses)[0]);
  }

  @Test
  void threadsDoNotChangeABit() {
    Random random = new Random(3);
    int rows = 30_000;
    CrossEntropySpec spec = new CrossEntropySpec(rows, 10, Reduction.MEAN, IGNORED, 0.1);
    float[] logits = VectorFixture.normal(random, rows * 10);
    int[] labels = random.ints(rows, 0, 10).toArray();
    VectorFixture.assertSameOnAnyThreads(pool -> run(new VectorLoss(pool, new Scratch()), spec, logits, labels,
        new float[] {1}));
  }

  private static float[][] run(VectorLoss kernel, CrossEntropySpec spec, float[] logits, int[] labels,
      float[] gradient) {
    Buffer losses = VectorFixture.result(spec.losses());
    Buffer reserve = VectorFixture.result(kernel.crossEntropyReserve(spec));
    Buffer gradLogits = VectorFixture.result(logits.length);
    Buffer x = VectorFixture.reals(logits);
    kernel.crossEntropy(spec, x, VectorFixture.ints(labels), losses, reserve);
    kernel.crossEntropyBackward(spec, x, VectorFixture.ints(labels), VectorFixture.reals(gradient), reserve,
        gradLogits);
    return new float[][] {VectorFixture.values(losses), VectorFixture.values(gradLogits)};
  }

  private void compare(CrossEntropySpec spec, float[] logits, int[] labels, float[] gradient) {
    int classes = spec.classes();
    double[] rowLosses = new double[spec.rows()];
    double[] gradLogits = new double[logits.length];
    int counted = 0;
    for (int label : labels) {
      counted += label == spec.ignoreIndex() ? 0 : 1;
    }
    double total = 0;
    for (int row = 0; row < spec.rows(); row++) {
      if (labels[row] == spec.ignoreIndex()) {
        continue;
      }
      double sum = 0;
      for (int i = 0; i < classes; i++) {
        sum += Math.exp(logits[row * classes + i]);
      }
      double g = spec.reduction() == Reduction.NONE ? gradient[row]
          : spec.reduction() == Reduction.MEAN ? (double) gradient[0] / counted : gradient[0];
      for (int i = 0; i < classes; i++) {
        double target = (i == labels[row] ? 1 - spec.labelSmoothing() : 0) + spec.labelSmoothing() / classes;
        double logarithm = logits[row * classes + i] - Math.log(sum);
        rowLosses[row] -= target * logarithm;
        gradLogits[row * classes + i] = g * (Math.exp(logarithm) - target);
      }
      total += rowLosses[row];
    }
    double[] wanted = switch (spec.reduction()) {
      case NONE -> rowLosses;
      case SUM -> new double[] {total};
      case MEAN -> new double[] {total / counted};
    };
    float[][] given = run(loss, spec, logits, labels, gradient);
    assertClose(wanted, given[0], 1e-6, spec.toString());
    assertClose(gradLogits, given[1], 1e-6, spec + " backward");
  }
}
