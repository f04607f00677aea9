package dev.sluice.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.cuda.SoftGpu;
import dev.sluice.spi.AttentionKernels.Gradients;
import dev.sluice.spi.AttentionKernels.Inputs;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.KernelSpec.Pass;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Soft attention by products whose logits are too many to be in memory at once: a batch row at a time. */
class AttentionTurnsTest {
  private static final int LENGTH = 4097;
  private static final int WIDTH = 8;
  private static final int VALUE_WIDTH = 130;
  private static final AttentionSpec SPEC = new AttentionSpec(2, 1, 1, LENGTH, LENGTH, WIDTH, VALUE_WIDTH,
      rows(WIDTH), rows(WIDTH), rows(VALUE_WIDTH), rows(VALUE_WIDTH), 1, Causal.NONE, null, null, true, Dropout.NONE);

  private final Backend backend = SoftGpu.backend();

  @AfterEach
  void close() {
    backend.close();
  }

  /** Queries of 0 weigh all keys alike: in the first row all of them, in the second one. */
  @Test
  void eachBatchRowHasItsOwnLength() {
    assertTrue(AttentionPath.byProducts(SPEC, Pass.FORWARD) && AttentionPath.byProducts(SPEC, Pass.BACKWARD));
    int values = 2 * LENGTH * VALUE_WIDTH;
    float[] value = new float[values];
    Arrays.fill(value, 0, VALUE_WIDTH, 2);
    Arrays.fill(value, values / 2, values / 2 + VALUE_WIDTH, 2);
    float[] ones = new float[values];
    Arrays.fill(ones, 1);
    Buffer lengths = backend.allocate(ElementType.INT32, 2);
    backend.write(new int[] {LENGTH, 1}, 0, lengths, 0, 2);
    Inputs inputs = new Inputs(input(new float[2 * LENGTH * WIDTH]), input(new float[2 * LENGTH * WIDTH]),
        input(value), null, null, lengths);
    Buffer output = input(new float[values]);
    Buffer reserve = input(new float[backend.attention().attentionReserve(SPEC)]);
    backend.attention().attention(SPEC, inputs, output, null, reserve);
    check(output, 2f / LENGTH, 2, 2);

    Buffer gradValue = input(new float[values]);
    backend.attention().attentionBackward(SPEC, inputs, output, reserve, input(ones), null,
        new Gradients(input(new float[2 * LENGTH * WIDTH]), input(new float[2 * LENGTH * WIDTH]), gradValue, null));
    check(gradValue, 1, LENGTH, 0);
  }

  private static Layout rows(int width) {
    return Layout.headsFirst(1, LENGTH, width);
  }

  private Buffer input(float[] values) {
    Buffer buffer = backend.allocate(ElementType.REAL, values.length);
    backend.write(values, 0, buffer, 0, values.length);
    return buffer;
  }

  /** What all rows of the first batch row, the first of the second, and its others must be. */
  private void check(Buffer buffer, float first, float second, float others) {
    float[] got = new float[buffer.length()];
    backend.read(buffer, 0, got, 0, got.length);
    for (int i = 0; i < got.length; i++) {
      int row = i / VALUE_WIDTH;
      float wanted = row < LENGTH ? first : row == LENGTH ? second : others;
      assertEquals(wanted, got[i], 1e-3 * wanted + 1e-9, "row " + row);
    }
  }
}
