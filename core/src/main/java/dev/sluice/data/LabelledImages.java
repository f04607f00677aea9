package dev.sluice.data;

/**
 * Grey images of one size with a class each, as bytes: pixels (count, height, width) in [0, 255], labels (count)
 * in [0, classes).
 */
public final class LabelledImages {
  private final byte[] pixels;
  private final byte[] labels;
  private final int count;
  private final int height;
  private final int width;

  /**
   * Pairs images with labels.
   *
   * @param images (count, height, width)
   * @param labels (count), every value in [0, classes)
   * @param classes the number of classes, 1 to 256
   * @throws DataException if the shapes do not fit each other or a label is out of range
   */
  public LabelledImages(Idx images, Idx labels, int classes) throws DataException {
    if (images.rank() != 3 || labels.rank() != 1 || images.size(0) != labels.size(0)) {
      throw new DataException("images have shape " + images.shape() + " and labels " + labels.shape()
          + ", wanted (count, height, width) and (count)");
    }
    for (byte label : labels.values()) {
      if ((label & 0xff) >= classes) {
        throw new DataException("a label is " + (label & 0xff) + ", wanted 0 to " + (classes - 1));
      }
    }
    this.pixels = images.values();
    this.labels = labels.values();
    this.count = images.size(0);
    this.height = images.size(1);
    this.width = images.size(2);
  }

  private LabelledImages(LabelledImages all, int count) {
    this.pixels = all.pixels;
    this.labels = all.labels;
    this.count = count;
    this.height = all.height;
    this.width = all.width;
  }

  /**
   * The first images only; shares the bytes with this set.
   *
   * @param limit how many, 0 or more; a limit above {@link #count()} takes all
   */
  public LabelledImages first(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("first: limit is " + limit + ", wanted 0 or more");
    }
    return limit >= count ? this : new LabelledImages(this, limit);
  }

  /** The number of images. */
  public int count() {
    return count;
  }

  /** Rows of an image. */
  public int height() {
    return height;
  }

  /** Pixels of a row. */
  public int width() {
    return width;
  }

  /** The class of an image. */
  public int label(int image) {
    return labels[image] & 0xff;
  }

  /**
   * Writes one image as floats, each pixel p of [0, 255] as {@code (p / 255 - mean) / deviation}.
   *
   * @param image which, in [0, {@link #count()})
   * @param scaling mean and deviation of pixels in [0, 1]
   * @param target receives height x width values, row by row
   * @param offset where the first one goes
   */
  void copyTo(int image, Scaling scaling, float[] target, int offset) {
    int size = height * width;
    int from = image * size;
    float factor = (float) (1 / (255 * scaling.deviation()));
    float shift = (float) (-scaling.mean() / scaling.deviation());
    for (int i = 0; i < size; i++) {
      target[offset + i] = Math.fma(pixels[from + i] & 0xff, factor, shift);
    }
  }
}
