package dev.sluice.bench.train;

import static dev.sluice.autograd.Pointwise.relu;
import static dev.sluice.autograd.Shaping.flatten;
import static dev.sluice.autograd.Shaping.transpose;
import static dev.sluice.autograd.Shaping.unsqueeze;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.Pointwise;
import dev.sluice.nn.Conv2d;
import dev.sluice.nn.ConvOptions;
import dev.sluice.nn.Dropout;
import dev.sluice.nn.Linear;
import dev.sluice.nn.MaxPool2d;
import dev.sluice.nn.Module;
import dev.sluice.nn.Sequential;

/**
 * A small convolutional network: three convolutions of 3x3 with ReLU, the first two pooled by 2x2, so that an image of
 * 28x28 becomes a map of 7x7 places; and a dense layer with ReLU, which sees where in the map something is. Children:
 * {@code maps}, with the convolutions at 0, 4 and 8, and {@code summary}.
 */
final class ImageReader extends Module {
  /** Places of the last map. */
  private static final int PLACES = 7 * 7;

  private final Sequential maps;
  private final Linear summary;

  /**
   * Makes the layers.
   *
   * @param width features of a place; a quarter and half as many after the first and the second convolution
   * @param dropout share of each pooled map that is dropped in training
   * @param generator draws the initial values, and what is dropped
   */
  ImageReader(int width, double dropout, Generator generator) {
    int quarter = Math.ceilDiv(width, 4);
    int half = Math.ceilDiv(width, 2);
    maps = register("maps", new Sequential(
        convolution(1, quarter, generator), Pointwise::relu, new MaxPool2d(2), new Dropout(dropout, generator),
        convolution(quarter, half, generator), Pointwise::relu, new MaxPool2d(2), new Dropout(dropout, generator),
        convolution(half, width, generator), Pointwise::relu));
    summary = register("summary", new Linear(width * PLACES, width, generator));
  }

  private static Conv2d convolution(int from, int to, Generator generator) {
    return new Conv2d(ConvOptions.of(from, to, 3).withPadding(1), generator);
  }

  /**
   * Reads images.
   *
   * @param rows REAL (batch, 28, 28)
   * @return as outputs the places (batch, 49, features), row by row; as the last one the summary (batch, features)
   */
  SequenceReader.Reading read(Tensor rows) {
    Tensor map = maps.forward(unsqueeze(rows, 1));
    Tensor places = transpose(flatten(map, 2, 3), 1, 2);
    return new SequenceReader.Reading(places, relu(summary.forward(flatten(map, 1, 3))));
  }
}
