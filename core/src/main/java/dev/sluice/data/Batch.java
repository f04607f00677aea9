package dev.sluice.data;

/**
 * Some images and their classes, on the host.
 *
 * @param images (batch, height, width) in row-major order, scaled
 * @param labels (batch)
 */
public record Batch(float[] images, int[] labels) {
  /** The number of images. */
  public int size() {
    return labels.length;
  }
}
