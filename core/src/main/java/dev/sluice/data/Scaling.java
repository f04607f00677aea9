package dev.sluice.data;

/**
 * How pixels become inputs: {@code x = (p / 255 - mean) / deviation}.
 *
 * @param mean what becomes 0, in [0, 1]
 * @param deviation what becomes a distance of 1, above 0
 */
public record Scaling(double mean, double deviation) {
  /** Pixels in [0, 1], unshifted. */
  public static final Scaling UNIT = new Scaling(0, 1);

  public Scaling {
    if (!(mean >= 0 && mean <= 1)) {
      throw new IllegalArgumentException("scaling: mean is " + mean + ", wanted 0 to 1");
    }
    if (!(deviation > 0 && deviation < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("scaling: deviation is " + deviation + ", wanted a finite number above 0");
    }
  }
}
