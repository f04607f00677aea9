package dev.sluice.bench.play;

import dev.sluice.Backends;
import dev.sluice.bench.work.Cost;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What this machine can do with a number of threads, measured: multiply-adds in registers, Sluice's own transcendental
 * functions in cache, and copying at any footprint. The best of all tries counts, and there are more of them whenever a
 * limit is asked for: what disturbs a measurement can only make a ceiling too low.
 */
final class Ceilings {
  /** Elements of a run of a transcendental function: source and target fit a level-one cache. */
  private static final int IN_CACHE = 4096;
  private static final double LEAST_FOOTPRINT = 32 << 10;
  private static final double MOST_FOOTPRINT = 256 << 20;
  private static final double MICROS = 1e6;
  private static final double GIGA = 1e9;

  private final Together together;
  private final Map<String, Double> best = new HashMap<>();

  /** Nothing is measured yet. */
  Ceilings(int threads) {
    together = new Together(threads);
  }

  /** The least time in which a cost can be met, in microseconds. */
  double limitMicros(Cost cost) {
    double computing = cost.operations() / operations() + seconds(cost.exps(), UnaryOp.EXP)
        + seconds(cost.sigmoids(), UnaryOp.SIGMOID) + seconds(cost.tanhs(), UnaryOp.TANH);
    return MICROS * Math.max(computing, cost.bytes() / bandwidth(cost.bytes()));
  }

  /** Floating-point operations per second, a multiply-add counting as two. */
  double operations() {
    return rate("multiply-adds", MultiplyAdds::new);
  }

  /** Bytes read and written per second by copying within a footprint. */
  double bandwidth(double footprint) {
    long bytes = (long) Math.clamp(footprint, LEAST_FOOTPRINT, MOST_FOOTPRINT);
    return rate("copying " + bytes, () -> new Copying(bytes / together.threads()));
  }

  private double seconds(double count, UnaryOp op) {
    return count == 0 ? 0 : count / rate(op.name(), () -> new Transcendental(op));
  }

  private double rate(String kind, Supplier<Together.Task> task) {
    return best.merge(kind, together.rate(task), Math::max);
  }

  /** A line for people. */
  String describe() {
    return String.format(Locale.ROOT,
        "%.0f GFLOP/s of multiply-adds; copying at %.0f GB/s in 32 KiB, at %.0f GB/s in 256 MiB", operations() / GIGA,
        bandwidth(LEAST_FOOTPRINT) / GIGA, bandwidth(MOST_FOOTPRINT) / GIGA);
  }

  private static final class Transcendental implements Together.Task {
    private final Backend backend = Backends.create("vector", new BackendOptions(1));
    private final UnarySpec spec;
    private final Buffer source = backend.allocate(ElementType.REAL, IN_CACHE);
    private final Buffer target = backend.allocate(ElementType.REAL, IN_CACHE);

    Transcendental(UnaryOp op) {
      spec = UnarySpec.of(op, IN_CACHE);
      var values = new float[IN_CACHE];
      for (int i = 0; i < IN_CACHE; i++) {
        values[i] = (float) (8.0 * i / IN_CACHE - 4);
      }
      backend.write(values, 0, source, 0, IN_CACHE);
    }

    @Override
    public double run() {
      backend.elementwise().unary(spec, source, target);
      return IN_CACHE;
    }

    @Override
    public void close() {
      backend.close();
    }
  }

  private static final class Copying implements Together.Task {
    private final float[] source;
    private final float[] target;

    /** Within so many bytes, source and target together. */
    Copying(long bytes) {
      int length = (int) (bytes / (2 * Float.BYTES));
      source = new float[length];
      target = new float[length];
    }

    @Override
    public double run() {
      System.arraycopy(source, 0, target, 0, source.length);
      return 2.0 * Float.BYTES * source.length;
    }
  }
}
