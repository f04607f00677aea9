package dev.sluice.spi;

/**
 * Which elements a random draw drops. Element e of the draw is kept if word {@code e mod 4} of the {@link Philox} block
 * at counter {@code offset + e/4}, under the seed as key, is below {@link #threshold}; kept elements are multiplied by
 * {@link #scale}. Every backend and every tiling therefore drops the same elements, and a backward pass regenerates the
 * mask in place of storing it.
 *
 * @param probability the chance of being dropped, 0 to 1
 * @param seed the generator's seed
 * @param offset the draw's first counter, handed out by a generator
 */
public record Dropout(double probability, long seed, long offset) {
  /** Drops nothing. */
  public static final Dropout NONE = new Dropout(0, 0, 0);

  public Dropout {
    Sizes.probability("dropout", "probability", probability);
  }

  /** Whether anything can be dropped. */
  public boolean drops() {
    return probability > 0;
  }

  /** {@code (1 - probability) * 2^32}: an unsigned word below it is kept. */
  public long threshold() {
    return (long) ((1 - probability) * 0x1p32);
  }

  /** What kept elements are multiplied by: {@code 1 / (1 - probability)}, or 0 where all are dropped. */
  public double scale() {
    return probability == 1 ? 0 : 1 / (1 - probability);
  }

  /** Whether element e is kept. One element at a time; kernels draw four with {@link Philox#block}. */
  public boolean keeps(long element) {
    return Integer.toUnsignedLong(Philox.word(seed, offset, element)) < threshold();
  }
}
