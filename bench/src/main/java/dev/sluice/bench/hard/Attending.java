package dev.sluice.bench.hard;

import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.Selection;
import java.util.SplittableRandom;

/** Self-attention of one sequence with a selection, forward and backward, ready to be repeated. */
final class Attending {
  private static final double NANOS_PER_MILLI = 1e6;

  private final Backend backend;
  private final SplittableRandom random = new SplittableRandom(1);
  private final AttentionSpec spec;
  private final int size;
  private final AttentionKernels.Inputs inputs;
  private final Buffer output;
  private final Buffer reserve;
  private final Buffer gradOutput;
  private final AttentionKernels.Gradients gradients;

  /**
   * Over positions of some heads of a width.
   *
   * @param keptOneIn a predicate keeps one weight in so many
   */
  Attending(Backend backend, int heads, int length, int width, Selection selection, int keptOneIn) {
    this.backend = backend;
    Layout layout = Layout.headsFirst(heads, length, width);
    spec = new AttentionSpec(1, heads, heads, length, length, width, width, layout, layout, layout, layout,
        1 / Math.sqrt(width), Causal.NONE, null, null, false, Dropout.NONE).withSelection(selection);
    size = heads * length * width;
    inputs = new AttentionKernels.Inputs(reals(), reals(), reals(), null, null, null,
        selection instanceof Selection.Predicate ? flags(length * length, keptOneIn) : null);
    output = reals();
    reserve = backend.allocate(ElementType.REAL, backend.attention().attentionReserve(spec));
    gradOutput = reals();
    gradients = new AttentionKernels.Gradients(reals(), reals(), reals(), null);
  }

  /** Milliseconds of the forward pass, once. */
  double forward() {
    long start = System.nanoTime();
    backend.attention().attention(spec, inputs, output, null, reserve);
    return (System.nanoTime() - start) / NANOS_PER_MILLI;
  }

  /** Milliseconds of the backward pass, once, after a forward pass. */
  double backward() {
    long start = System.nanoTime();
    backend.attention().attentionBackward(spec, inputs, output, reserve, gradOutput, null, gradients);
    return (System.nanoTime() - start) / NANOS_PER_MILLI;
  }

  private Buffer reals() {
    Buffer buffer = backend.allocate(ElementType.REAL, size);
    backend.write(random.doubles(size, -1, 1).toArray(), 0, buffer, 0, size);
    return buffer;
  }

  private Buffer flags(int length, int oneIn) {
    boolean[] flags = new boolean[length];
    for (int i = 0; i < length; i++) {
      flags[i] = random.nextInt(oneIn) == 0;
    }
    Buffer buffer = backend.allocate(ElementType.BOOL, length);
    backend.write(flags, 0, buffer, 0, length);
    return buffer;
  }
}
