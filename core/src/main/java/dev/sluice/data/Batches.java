package dev.sluice.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/**
 * Cuts a set of images into batches, in order or shuffled.
 *
 * <p>The order of an epoch is a Fisher-Yates shuffle that depends on seed and epoch alone: the same on every machine,
 * whatever the backend and however many threads run, and unrelated from one epoch to the next. The last batch of an
 * epoch holds what is left.
 *
 * @param data the images
 * @param batchSize images in a batch, at least 1
 * @param scaling how pixels become inputs
 */
public record Batches(LabelledImages data, int batchSize, Scaling scaling) {
  public Batches {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batches: batchSize is " + batchSize + ", wanted 1 or more");
    }
  }

  /** The number of batches of an epoch. */
  public int count() {
    return Math.ceilDiv(data.count(), batchSize);
  }

  /** All images once, in the order they are stored. */
  public Iterator<Batch> inOrder() {
    int[] order = new int[data.count()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    return new Cut(order);
  }

  /**
   * All images once, in the order of this epoch.
   *
   * @param seed of the whole training
   * @param epoch counted from 0 or 1, as the caller likes
   */
  public Iterator<Batch> shuffled(long seed, int epoch) {
    return new Cut(permutation(data.count(), seed, epoch));
  }

  /** The numbers 0 to count - 1 in the order of an epoch. */
  static int[] permutation(int count, long seed, int epoch) {
    // The seed of an epoch is a draw of a generator seeded by the training's, so that neighbouring seeds share no
    // epoch.
    var random = new SplittableRandom(new SplittableRandom(seed).nextLong() + epoch);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      // Only nextLong is used: how the JDK bounds an int may change. The bias of this product is below 2^-33.
      int j = (int) Math.unsignedMultiplyHigh(random.nextLong(), i + 1L);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private final class Cut implements Iterator<Batch> {
    private final int[] order;
    private int next;

    private Cut(int[] order) {
      this.order = order;
    }

    @Override
    public boolean hasNext() {
      return next < order.length;
    }

    @Override
    public Batch next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      int size = Math.min(batchSize, order.length - next);
      int pixels = data.height() * data.width();
      float[] images = new float[size * pixels];
      int[] labels = new int[size];
      for (int i = 0; i < size; i++) {
        int image = order[next++];
        data.copyTo(image, scaling, images, i * pixels);
        labels[i] = data.label(image);
      }
      return new Batch(images, labels);
    }
  }
}
