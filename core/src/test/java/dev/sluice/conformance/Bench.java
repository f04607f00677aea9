package dev.sluice.conformance;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * One run of a {@link Script} on one backend: draws its inputs, which depend on the seed alone, and keeps what the
 * kernels wrote. Each buffer is a few elements longer than asked for; what may not be read holds NaN (INT32: {@value
 * #UNTOUCHED}). Where something else sees each access, {@code -Dconformance.spare=0} makes them as long as asked for.
 */
final class Bench implements AutoCloseable {
  /** What INT32 elements hold that nothing writes. */
  static final int UNTOUCHED = -77;

  private static final int SPARE = Integer.getInteger("conformance.spare", 3);
  private static final int ORDINARY_PER_SPECIAL = 32;
  private static final double[] SPECIAL = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0, -0.0,
      Float.MIN_VALUE, -Float.MIN_VALUE, 1e-40f, Float.MIN_NORMAL, 1e18f, -1e18f};

  /**
   * What a kernel wrote.
   *
   * @param name what the script calls it
   * @param values the whole buffer
   * @param exact whether only equal values will do: indices, flags
   */
  record Result(String name, double[] values, boolean exact) {}

  private record Output(String name, Buffer buffer) {}

  private final Backend backend;
  private final Random random;
  private final boolean special;
  private final int closedBuffer;
  private final List<Buffer> buffers = new ArrayList<>();
  private final List<Output> outputs = new ArrayList<>();

  Bench(Backend backend, long seed, boolean special) {
    this(backend, seed, special, -1);
  }

  /** A bench that hands its buffer of this number out closed: any kernel must refuse it. */
  Bench(Backend backend, long seed, boolean special, int closedBuffer) {
    this.backend = backend;
    this.random = new Random(seed);
    this.special = special;
    this.closedBuffer = closedBuffer;
  }

  Backend backend() {
    return backend;
  }

  Random random() {
    return random;
  }

  /** Whether drawn values contain special ones. */
  boolean isSpecial() {
    return special;
  }

  /** How many buffers were handed out. */
  int buffers() {
    return buffers.size();
  }

  /** Normal values, rounded to float, one in sixteen of them an outlier; in special cases a few are special. */
  double[] draw(int length) {
    double[] values = drawOrdinary(length);
    for (int left = special && length > 0 ? 1 + length / ORDINARY_PER_SPECIAL : 0; left > 0; left--) {
      values[random.nextInt(length)] = SPECIAL[random.nextInt(SPECIAL.length)];
    }
    return values;
  }

  /** Drawn values without special ones, whatever the case. */
  double[] drawOrdinary(int length) {
    double[] values = new double[length];
    Arrays.setAll(values, i -> (float) (random.nextGaussian() * (random.nextInt(16) == 0 ? 6 : 1)));
    return values;
  }

  /** Values from minus to plus a bound, rounded to float. */
  double[] drawUniform(int length, double bound) {
    double[] values = new double[length];
    Arrays.setAll(values, i -> (float) ((2 * random.nextDouble() - 1) * bound));
    return values;
  }

  /** Drawn values on a coarse grid, so that many are equal. */
  double[] drawTied(int length) {
    double[] values = draw(length);
    Arrays.setAll(values, i -> special ? values[i] : Math.rint(values[i] * 2) / 2);
    return values;
  }

  /** Every special value in turn, moderate ones between them. */
  double[] drawSpecial(int length) {
    double[] more = {1, -1, 0.5, 20, -20, 87, -87, 88.8f, -104, 1e4, Float.MAX_VALUE, -Float.MAX_VALUE};
    double[] values = new double[length];
    int turn = SPECIAL.length + more.length;
    Arrays.setAll(values, i -> i % turn < SPECIAL.length ? SPECIAL[i % turn] : more[i % turn - SPECIAL.length]);
    return values;
  }

  Buffer input(int length) {
    return input(draw(length));
  }

  Buffer input(double[] values) {
    return real(values);
  }

  Buffer ints(int... values) {
    Buffer buffer = backend.allocate(ElementType.INT32, values.length + SPARE);
    int[] padded = Arrays.copyOf(values, values.length + SPARE);
    Arrays.fill(padded, values.length, padded.length, UNTOUCHED);
    backend.write(padded, 0, buffer, 0, padded.length);
    return register(buffer);
  }

  Buffer flags(boolean... values) {
    Buffer buffer = backend.allocate(ElementType.BOOL, values.length + SPARE);
    backend.write(values, 0, buffer, 0, values.length);
    boolean[] rest = new boolean[SPARE];
    Arrays.fill(rest, true);
    backend.write(rest, 0, buffer, values.length, SPARE);
    return register(buffer);
  }

  /** A REAL buffer that the script's kernels write, compared under this name. */
  Buffer output(String name, int length) {
    double[] values = new double[length];
    Arrays.fill(values, Double.NaN);
    return updated(name, values);
  }

  /** A REAL buffer that is updated in place, compared under this name. */
  Buffer updated(String name, double[] values) {
    return recorded(name, real(values));
  }

  /**
   * A REAL buffer of exactly these elements, as the lists of a kernel are: all of a buffer takes part. Compared under
   * this name.
   */
  Buffer exactly(String name, double[] values) {
    Buffer buffer = backend.allocate(ElementType.REAL, values.length);
    backend.write(values, 0, buffer, 0, values.length);
    return recorded(name, register(buffer));
  }

  /** An INT32 buffer that is written, compared under this name. */
  Buffer indices(String name, int length) {
    int[] values = new int[length];
    Arrays.fill(values, UNTOUCHED);
    return recorded(name, ints(values));
  }

  /** A BOOL buffer that is written, compared under this name; every second element is true before. */
  Buffer outputFlags(String name, int length) {
    boolean[] values = new boolean[length];
    for (int i = 0; i < length; i += 2) {
      values[i] = true;
    }
    return recorded(name, flags(values));
  }

  /** A buffer that only the backend reads. */
  Buffer reserve(int length) {
    double[] values = new double[length];
    Arrays.fill(values, Double.NaN);
    return real(values);
  }

  /** What the kernels wrote, in the order in which the script asked for the buffers. */
  List<Result> results() {
    return outputs.stream().map(this::read).toList();
  }

  @Override
  public void close() {
    buffers.forEach(Buffer::close);
  }

  private Result read(Output output) {
    Buffer buffer = output.buffer();
    int length = buffer.length();
    double[] values = new double[length];
    switch (buffer.type()) {
      case REAL -> backend.read(buffer, 0, values, 0, length);
      case INT32 -> {
        int[] ints = new int[length];
        backend.read(buffer, 0, ints, 0, length);
        Arrays.setAll(values, i -> ints[i]);
      }
      case BOOL -> {
        boolean[] flags = new boolean[length];
        backend.read(buffer, 0, flags, 0, length);
        Arrays.setAll(values, i -> flags[i] ? 1 : 0);
      }
    }
    return new Result(output.name(), values, buffer.type() != ElementType.REAL);
  }

  private Buffer real(double[] values) {
    double[] padded = Arrays.copyOf(values, values.length + SPARE);
    Arrays.fill(padded, values.length, padded.length, Double.NaN);
    Buffer buffer = backend.allocate(ElementType.REAL, padded.length);
    backend.write(padded, 0, buffer, 0, padded.length);
    return register(buffer);
  }

  private Buffer recorded(String name, Buffer buffer) {
    outputs.add(new Output(name, buffer));
    return buffer;
  }

  private Buffer register(Buffer buffer) {
    if (buffers.size() == closedBuffer) {
      buffer.close();
    }
    buffers.add(buffer);
    return buffer;
  }
}
