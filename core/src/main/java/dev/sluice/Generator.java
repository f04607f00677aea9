package dev.sluice;

import dev.sluice.spi.Dropout;
import dev.sluice.spi.Philox;

/**
 * A stream of random draws by counter (Philox 4x32-10). Each draw takes the next counters of the stream, so the same
 * seed and the same order of draws give the same numbers on every backend and for every number of threads. There is no
 * global generator: layers that draw take one. Thread-safe; the order of draws is the caller's.
 */
public final class Generator {
  private static final double TWO_TO_MINUS_24 = 0x1p-24;

  private final long seed;
  private long offset;

  /** The stream of a seed, from its start. */
  public Generator(long seed) {
    this(seed, 0);
  }

  /** The stream of a seed, from an offset that {@link #offset} told before. */
  public Generator(long seed, long offset) {
    this.seed = seed;
    this.offset = offset;
  }

  /** The key of the stream. */
  public long seed() {
    return seed;
  }

  /** The next counter; with the seed, the whole state of this generator. */
  public synchronized long offset() {
    return offset;
  }

  /**
   * Hands out counters for so many words and returns the first; element e of the draw uses counter {@code first + e/4},
   * word e mod 4.
   */
  public synchronized long reserve(long words) {
    long first = offset;
    offset += (words + 3) / 4;
    return first;
  }

  /**
   * A draw of which of so many elements are dropped with this probability; none is used up where nothing can be
   * dropped.
   */
  public Dropout dropout(double probability, long elements) {
    Dropout dropout = new Dropout(probability, seed, 0);
    return dropout.drops() ? new Dropout(probability, seed, reserve(elements)) : Dropout.NONE;
  }

  /** Uniform numbers in [lower, upper): 24 random bits each, rounded to float. */
  public float[] uniform(int count, double lower, double upper) {
    if (!(lower <= upper)) {
      throw new IllegalArgumentException("uniform: bounds are " + lower + " and " + upper + ", wanted lower <= upper");
    }
    int[] words = words(count);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) (lower + (upper - lower) * unit(words[i]));
    }
    return numbers;
  }

  /** Normal numbers (Box and Muller 1958), rounded to float. */
  public float[] normal(int count, double mean, double standardDeviation) {
    int pairs = (count + 1) / 2;
    int[] words = words(2 * pairs);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      // 1 - u lies in (0, 1], so the logarithm is finite.
      double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - unit(words[i / 2 * 2])));
      double angle = 2 * Math.PI * unit(words[i / 2 * 2 + 1]);
      double standard = radius * (i % 2 == 0 ? StrictMath.cos(angle) : StrictMath.sin(angle));
      numbers[i] = (float) (mean + standardDeviation * standard);
    }
    return numbers;
  }

  private int[] words(int count) {
    long counter = reserve(count);
    int[] words = new int[count];
    int[] block = new int[4];
    for (int i = 0; i < count; i++) {
      if (i % 4 == 0) {
        Philox.block(seed, counter++, block);
      }
      words[i] = block[i % 4];
    }
    return words;
  }

  private static double unit(int word) {
    return (word >>> 8) * TWO_TO_MINUS_24;
  }
}
