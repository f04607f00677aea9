package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Lanes.COUNT;
import static dev.sluice.backend.vector.Lanes.INTS;
import static dev.sluice.backend.vector.Lanes.SPECIES;
import static dev.sluice.backend.vector.Lanes.bound;
import static dev.sluice.backend.vector.VectorBuffer.reals;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.DropoutKernels;
import dev.sluice.spi.DropoutSpec;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Inverted dropout: {@code y[i] = keeps(i) ? x[i] * scale : 0}, forward and backward alike. */
final class VectorDropout implements DropoutKernels {
  /** Random words drawn at a time: whole groups of {@link PhiloxLanes}. */
  private static final int WORDS = 256;

  private final Workers workers;

  VectorDropout(Workers workers, Scratch scratch) {
    this.workers = workers;
  }

  @Override
  public void dropout(DropoutSpec spec, Buffer x, Buffer y) {
    drop(spec, reals(x), reals(y));
  }

  @Override
  public void dropoutBackward(DropoutSpec spec, Buffer gradY, Buffer gradX) {
    drop(spec, reals(gradY), reals(gradX));
  }

  private void drop(DropoutSpec spec, float[] x, float[] y) {
    if (!spec.dropout().drops()) {
      System.arraycopy(x, 0, y, 0, spec.length());
      return;
    }
    workers.run(Chunks.count(spec.length(), Chunks.MEDIUM), chunk -> {
      int from = chunk * Chunks.MEDIUM;
      drop(spec.dropout(), x, y, from, Chunks.end(from, Chunks.MEDIUM, spec.length()));
    });
  }

  private static void drop(Dropout dropout, float[] x, float[] y, int from, int to) {
    float scale = (float) dropout.scale();
    // Some probability is dropped, so the threshold is below 2^32 and fits an unsigned int.
    int threshold = (int) dropout.threshold();
    int[] words = new int[WORDS];
    // Counted from 0: the last index may be so large that a step beyond it would wrap.
    for (int done = 0, n; done < to - from; done += n) {
      n = Math.min(WORDS, to - from - done);
      PhiloxLanes.draw(dropout.seed(), dropout.offset() + (from + done >>> 2), n, words);
      keep(words, threshold, scale, x, y, from + done, n);
    }
  }

  private static void keep(int[] words, int threshold, float scale, float[] x, float[] y, int at, int n) {
    int i = 0;
    for (int end = bound(0, n); i < end; i += COUNT) {
      VectorMask<Float> kept = IntVector.fromArray(INTS, words, i).compare(VectorOperators.ULT, threshold)
          .cast(Lanes.SPECIES);
      zero(SPECIES).blend(fromArray(SPECIES, x, at + i).mul(scale), kept).intoArray(y, at + i);
    }
    for (; i < n; i++) {
      y[at + i] = Integer.compareUnsigned(words[i], threshold) < 0 ? x[at + i] * scale : 0f;
    }
  }
}
