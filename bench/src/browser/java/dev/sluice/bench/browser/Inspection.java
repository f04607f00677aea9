package dev.sluice.bench.browser;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a browser made of a page, in one width and colour scheme.
 *
 * @param requests addresses that it asked for beside the page itself
 * @param messages warnings and errors on its console
 * @param overflow how many pixels the page is wider than the window
 * @param plots what it drew
 * @param screenshot the whole page, PNG
 */
public record Inspection(
    List<String> requests, List<String> messages, int overflow, List<Plot> plots, byte[] screenshot) {
  private static final int LEAST_SIDE = 120;
  static final int LEAST_MARKS = 8;
  private static final int LEAST_TEXTS = 3;
  private static final double LEAST_INK = 0.004;

  /**
   * One picture.
   *
   * @param title what stands above it
   * @param marks lines and areas with an extent that were drawn, not counted beyond those that are enough
   * @param texts labels that were drawn
   * @param meeting labels of curves that lie on one another, in pairs
   * @param fits whether the drawing fills its place
   * @param picture its pixels
   */
  public record Plot(String title, int marks, int texts, List<String> meeting, boolean fits,
      BufferedImage picture) {
    /** The share of pixels that differ from the one in the corner. */
    double ink() {
      int[] pixels = picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
      int paper = pixels[0];
      long inked = Arrays.stream(pixels).filter(pixel -> pixel != paper).count();
      return inked / (double) pixels.length;
    }

    private Stream<String> faults() {
      return Stream.of(
          fault(picture.getWidth() < LEAST_SIDE || picture.getHeight() < LEAST_SIDE,
              "is " + picture.getWidth() + " by " + picture.getHeight() + " pixels"),
          fault(marks < LEAST_MARKS, "has " + marks + " marks"),
          fault(texts < LEAST_TEXTS, "has " + texts + " labels"),
          fault(!meeting.isEmpty(), "has labels on one another: " + meeting),
          fault(!fits, "does not fill its place"),
          fault(ink() < LEAST_INK, "is blank but for " + ink() + " of it")).flatMap(fault -> fault);
    }

    private Stream<String> fault(boolean found, String what) {
      return found ? Stream.of("picture '" + title + "' " + what) : Stream.empty();
    }
  }

  /** Everything that is wrong with the page; nothing if it is whole. */
  public List<String> faults() {
    return Stream.of(
        requests.stream().map(address -> "asked for " + address),
        messages.stream().map(message -> "said " + message),
        overflow > 0 ? Stream.of("is " + overflow + " pixels too wide") : Stream.<String>empty(),
        plots.stream().flatMap(Plot::faults)).flatMap(faults -> faults).toList();
  }
}
