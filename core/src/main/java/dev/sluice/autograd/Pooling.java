package dev.sluice.autograd;

import static dev.sluice.autograd.Reductions.mean;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.AveragePoolSpec;
import dev.sluice.spi.Backend;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.MaxPoolSpec;
import dev.sluice.spi.Windows;
import dev.sluice.spi.Windows.Axis;
import java.util.List;
import java.util.stream.IntStream;

/** The largest element or the mean of windows that slide over planes (..., height, width) or sequences. */
public final class Pooling {
  private Pooling() {}

  /**
   * The largest element of each window, the first of those that tie; a NaN counts as the largest. As
   * torch.nn.functional.max_pool2d.
   *
   * @param input (batch, channels, height, width) or (channels, height, width)
   * @return (..., rows of windows, windows in a row)
   */
  public static Tensor maxPool2d(Tensor input, MaxPoolOptions options) {
    checkPlanes("maxPool2d", input);
    return maxPool("maxPool2d", input, options);
  }

  /**
   * {@link #maxPool2d} along sequences, with the options' widths. As torch.nn.functional.max_pool1d.
   *
   * @param input (batch, channels, length) or (channels, length)
   * @return (..., windows)
   */
  public static Tensor maxPool1d(Tensor input, MaxPoolOptions options) {
    checkSequences("maxPool1d", input);
    Tensor planes = Shaping.unsqueeze(input, -2);
    return Shaping.squeeze(maxPool("maxPool1d", planes, options.alongSequence()), -2);
  }

  private static Tensor maxPool(String operation, Tensor input, MaxPoolOptions options) {
    Windows windows = windows(operation, input, options.kernelSize(), options.stride(), options.padding(),
        options.dilation(), options.ceilMode());
    MaxPoolSpec spec = new MaxPoolSpec(windows);
    Backend backend = input.backend();
    Shape shape = pooled(input, windows);
    Tensor y = Checks.real(backend, shape);
    Tensor indices = Tape.records(input) ? Tensor.allocate(backend, ElementType.INT32, shape) : null;
    backend.window().maxPool(spec, input.buffer(), y.buffer(), Checks.buffer(indices));
    Tape.record(operation, List.of(input), Checks.present(indices), List.of(y), gradients -> {
      Tensor gradInput = Checks.real(backend, input.shape());
      backend.window().maxPoolBackward(spec, indices.buffer(), gradients[0].buffer(), gradInput.buffer());
      return new Tensor[] {gradInput};
    });
    return y;
  }

  /**
   * The mean of each window, its padding counted as zeros unless the options say otherwise. As
   * torch.nn.functional.avg_pool2d.
   *
   * @param input (batch, channels, height, width) or (channels, height, width)
   * @return (..., rows of windows, windows in a row)
   */
  public static Tensor avgPool2d(Tensor input, AvgPoolOptions options) {
    checkPlanes("avgPool2d", input);
    return avgPool("avgPool2d", input, options);
  }

  /**
   * {@link #avgPool2d} along sequences, with the options' widths. As torch.nn.functional.avg_pool1d.
   *
   * @param input (batch, channels, length) or (channels, length)
   * @return (..., windows)
   */
  public static Tensor avgPool1d(Tensor input, AvgPoolOptions options) {
    checkSequences("avgPool1d", input);
    Tensor planes = Shaping.unsqueeze(input, -2);
    return Shaping.squeeze(avgPool("avgPool1d", planes, options.alongSequence()), -2);
  }

  private static Tensor avgPool(String operation, Tensor input, AvgPoolOptions options) {
    Windows windows = windows(operation, input, options.kernelSize(), options.stride(), options.padding(), Size2.ONE,
        options.ceilMode());
    AveragePoolSpec spec = new AveragePoolSpec(windows, options.countIncludePad(),
        options.divisorOverride() == null ? AveragePoolSpec.COUNTED : options.divisorOverride());
    Backend backend = input.backend();
    Tensor y = Checks.real(backend, pooled(input, windows));
    backend.window().averagePool(spec, input.buffer(), y.buffer());
    Tape.record(operation, List.of(input), List.of(), List.of(y), gradients -> {
      Tensor gradInput = Checks.real(backend, input.shape());
      backend.window().averagePoolBackward(spec, gradients[0].buffer(), gradInput.buffer());
      return new Tensor[] {gradInput};
    });
    return y;
  }

  /**
   * The means of so many windows that cover the planes evenly: window i of n over a size s holds {@code floor(i*s/n)}
   * to {@code ceil((i+1)*s/n)}, the latter not included. As torch.nn.functional.adaptive_avg_pool2d.
   *
   * @param input (batch, channels, height, width) or (channels, height, width), height and width 1 or more
   * @param outputSize rows of windows and windows in a row, 1 or more; 1 gives the mean of a plane
   * @return (..., rows of windows, windows in a row)
   */
  public static Tensor adaptiveAvgPool2d(Tensor input, Size2 outputSize) {
    checkPlanes("adaptiveAvgPool2d", input);
    outputSize.atLeast("adaptiveAvgPool2d", "outputSize", 1);
    Checks.shape(input.size(-1) > 0 && input.size(-2) > 0, "adaptiveAvgPool2d", "input", input, "planes of 1 or more");
    return evenMeans(evenMeans(input, input.rank() - 2, outputSize.height()), input.rank() - 1, outputSize.width());
  }

  /**
   * {@link #adaptiveAvgPool2d} along sequences. As torch.nn.functional.adaptive_avg_pool1d.
   *
   * @param input (batch, channels, length) or (channels, length), length 1 or more
   * @param outputSize windows, 1 or more; 1 gives the mean of a sequence
   * @return (..., windows)
   */
  public static Tensor adaptiveAvgPool1d(Tensor input, int outputSize) {
    checkSequences("adaptiveAvgPool1d", input);
    Size2.of(outputSize).atLeast("adaptiveAvgPool1d", "outputSize", 1);
    Checks.shape(input.size(-1) > 0, "adaptiveAvgPool1d", "input", input, "sequences of 1 or more");
    return evenMeans(input, input.rank() - 1, outputSize);
  }

  private static Tensor evenMeans(Tensor x, int dimension, int count) {
    if (count == 1) {
      return mean(x, dimension, true);
    }
    long size = x.size(dimension);
    return Shaping.cat(IntStream.range(0, count).mapToObj(window -> {
      int start = (int) (window * size / count);
      int end = (int) Math.ceilDiv((window + 1) * size, count);
      return mean(Shaping.narrow(x, dimension, start, end - start), dimension, true);
    }).toList(), dimension);
  }

  private static Windows windows(String operation, Tensor input, Size2 kernel, Size2 stride, Size2 padding,
      Size2 dilation, boolean ceil) {
    int rank = input.rank();
    Checks.windows(operation, input, kernel, padding, dilation);
    return new Windows(input.shape().elements(0, rank - 3), input.size(-3),
        new Axis(input.size(-2), kernel.height(), stride.height(), padding.height(), dilation.height(), ceil),
        new Axis(input.size(-1), kernel.width(), stride.width(), padding.width(), dilation.width(), ceil));
  }

  private static Shape pooled(Tensor input, Windows windows) {
    return input.shape().with(-2, windows.rows().count()).with(-1, windows.columns().count());
  }

  private static void checkPlanes(String operation, Tensor input) {
    Checks.real(operation, "input", input);
    Checks.shape(input.rank() == 3 || input.rank() == 4, operation, "input", input,
        "(batch, channels, height, width) or (channels, height, width)");
  }

  private static void checkSequences(String operation, Tensor input) {
    Checks.real(operation, "input", input);
    Checks.shape(input.rank() == 2 || input.rank() == 3, operation, "input", input,
        "(batch, channels, length) or (channels, length)");
  }
}
