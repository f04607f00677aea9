package dev.sluice.bench.jmh;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Every kernel call that is timed, and the sizes of all of them: small enough for the reference to be waited for. */
final class Kernels {
  /** Elements of what is computed element by element. */
  static final int ELEMENTS = 16_384;
  /** Rows of what is computed row by row. */
  static final int ROWS = 128;
  /** Elements of such a row, and rows of a square matrix. */
  static final int WIDTH = 128;
  /** Rows of a vocabulary. */
  static final int CLASSES = 1000;
  /** Time steps of a recurrence. */
  static final int STEPS = 16;
  /** Sequences at once. */
  static final int BATCH = 16;
  /** The hidden width of a recurrence. */
  static final int HIDDEN = 64;
  /** Heads of attention. */
  static final int HEADS = 2;
  /** Positions of attention. */
  static final int LENGTH = 128;
  /** The width of a head. */
  static final int HEAD_WIDTH = 64;
  /** Images at once. */
  static final int IMAGES = 4;
  /** Planes of an image. */
  static final int CHANNELS = 8;
  /** Rows and columns of a plane. */
  static final int SIDE = 28;
  /** Tensors of a list. */
  static final int TENSORS = 4;

  private Kernels() {}

  /** All calls, family by family. */
  static List<Kernel> all() {
    return Stream.of(GemmBenchmark.kernels(), AttentionBenchmark.kernels(), SoftmaxBenchmark.kernels(),
            RecurrentBenchmark.kernels(), IndRnnBenchmark.kernels(), WindowBenchmark.kernels(),
            NormalizationBenchmark.kernels(), LossBenchmark.kernels(), EmbeddingBenchmark.kernels(),
            DropoutBenchmark.kernels(), ElementwiseBenchmark.kernels(), ReductionBenchmark.kernels(),
            ClippingBenchmark.kernels(), OptimizerBenchmark.kernels(), MemoryBenchmark.kernels())
        .flatMap(List::stream)
        .toList();
  }

  /** The call of a name. */
  static Kernel named(String name) {
    return all().stream().filter(kernel -> kernel.name().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("kernels: name is '" + name + "', wanted one of the list"));
  }

  /** The calls whose name holds every word of a filter. */
  static List<Kernel> matching(String filter) {
    String[] words = filter.toLowerCase(Locale.ROOT).strip().split("\\s+");
    return all().stream().filter(kernel -> Arrays.stream(words).allMatch(kernel.name()::contains)).toList();
  }
}
