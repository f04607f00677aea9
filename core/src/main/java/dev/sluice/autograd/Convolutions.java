package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.GemmSpec.Matrix;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import dev.sluice.spi.UnfoldSpec;
import dev.sluice.spi.Windows;
import dev.sluice.spi.Windows.Axis;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions of planes and of sequences, as matrix products of weights and unfolded windows (Chellapilla, Puri,
 * Simard: High performance convolutional neural networks for document processing, 2006). Windows are unfolded for a few
 * samples at a time, and once more for backward, so that they never take much more memory than one sample needs.
 */
public final class Convolutions {
  /** Numbers that are unfolded at a time, if one sample has no more. */
  private static final int UNFOLDED = 1 << 20;

  private Convolutions() {}

  /**
   * {@code y[b,o,u,v] = bias[o] + sum over c,i,j of weight[o,c,i,j] * x[b,c,p,q]} with p and q where tap (i, j) of
   * window (u, v) lies, padding being 0; with groups, over the channels of o's group. As torch.nn.functional.conv2d.
   *
   * @param input (batch, inChannels, height, width) or (inChannels, height, width)
   * @param weight (outChannels, inChannels / groups, kernel height, kernel width)
   * @param bias (outChannels), or null
   * @return (..., outChannels, rows of windows, windows in a row)
   */
  public static Tensor conv2d(Tensor input, Tensor weight, @Nullable Tensor bias, ConvolutionOptions options) {
    Checks.real("conv2d", "input", input);
    Checks.real("conv2d", "weight", weight);
    Checks.shape(input.rank() == 3 || input.rank() == 4, "conv2d", "input", input,
        "(batch, channels, height, width) or (channels, height, width)");
    Checks.shape(weight.rank() == 4, "conv2d", "weight", weight,
        "(outChannels, inChannels / groups, kernel height, kernel width)");
    return convolution("conv2d", input, weight, bias, options);
  }

  /**
   * {@link #conv2d} along sequences, with the options' widths. As torch.nn.functional.conv1d.
   *
   * @param input (batch, inChannels, length) or (inChannels, length)
   * @param weight (outChannels, inChannels / groups, kernel)
   * @param bias (outChannels), or null
   * @return (..., outChannels, windows)
   */
  public static Tensor conv1d(Tensor input, Tensor weight, @Nullable Tensor bias, ConvolutionOptions options) {
    Checks.real("conv1d", "input", input);
    Checks.real("conv1d", "weight", weight);
    Checks.shape(input.rank() == 2 || input.rank() == 3, "conv1d", "input", input,
        "(batch, channels, length) or (channels, length)");
    Checks.shape(weight.rank() == 3, "conv1d", "weight", weight, "(outChannels, inChannels / groups, kernel)");
    Tensor planes = convolution("conv1d", Shaping.unsqueeze(input, -2), Shaping.unsqueeze(weight, -2), bias,
        options.alongSequence());
    return Shaping.squeeze(planes, -2);
  }

  private static Tensor convolution(String operation, Tensor input, Tensor weight, @Nullable Tensor bias,
      ConvolutionOptions options) {
    Backend backend = Checks.backend(operation, input, weight, bias);
    Geometry geometry = geometry(operation, input, weight, options);
    Checks.real(operation, "bias", bias);
    Checks.shape(operation, "bias", bias, Shape.of(geometry.outChannels));
    Windows windows = geometry.windows;
    Tensor y = Checks.real(backend, input.shape().with(-3, geometry.outChannels).with(-2, windows.rows().count())
        .with(-1, windows.columns().count()));
    forward(geometry, input, weight, bias, y);
    Tape.record(operation, Checks.present(input, weight, bias), Checks.present(input, weight), Checks.present(y),
        gradients -> {
          Tensor gradY = gradients[0];
          Tensor gradInput = Checks.gradientOf(input);
          Tensor gradWeight = Checks.gradientOf(weight);
          Tensor gradBias = Checks.gradientOf(bias);
          backward(geometry, input, weight, gradY, gradInput, gradWeight);
          if (gradBias != null) {
            sumChannels(geometry, gradY, gradBias);
          }
          return Checks.gradients(new Tensor[] {input, weight, bias}, gradInput, gradWeight, gradBias);
        });
    return y;
  }

  private static Geometry geometry(String operation, Tensor input, Tensor weight, ConvolutionOptions options) {
    int groups = options.groups();
    int outChannels = weight.size(0);
    Checks.require(outChannels % groups == 0, operation, "outChannels is " + outChannels + " for " + groups + " groups",
        "a multiple of the groups");
    int inChannels = weight.size(1) * groups;
    Checks.require(input.size(-3) == inChannels && inChannels > 0, operation,
        "input has " + input.size(-3) + " channels", Math.max(inChannels, groups) + ", as the weight and " + groups
            + " groups have");
    Size2 kernel = new Size2(weight.size(-2), weight.size(-1));
    kernel.atLeast(operation, "kernel", 1);
    Checks.windows(operation, input, kernel, options.padding(), options.dilation());
    Axis rows = new Axis(input.size(-2), kernel.height(), options.stride().height(), options.padding().height(),
        options.dilation().height(), false);
    Axis columns = new Axis(input.size(-1), kernel.width(), options.stride().width(), options.padding().width(),
        options.dilation().width(), false);
    int batch = input.shape().elements(0, input.rank() - 3);
    return new Geometry(new Windows(batch, inChannels, rows, columns), outChannels, groups);
  }

  /** The sizes of a convolution's matrices: of a group, weights (rows, taps) and windows (taps, columns). */
  private record Geometry(Windows windows, int outChannels, int groups) {
    int batch() {
      return windows.batch();
    }

    /** Windows of one sample. */
    int columns() {
      return windows.count();
    }

    /** Output channels of a group. */
    int rows() {
      return outChannels / groups;
    }

    /** Weights of one output channel. */
    int taps() {
      return windows.channels() / groups * windows.taps();
    }

    /** How many samples are unfolded at a time. */
    int samples() {
      long one = (long) windows.channels() * windows.taps() * columns();
      return Math.clamp(UNFOLDED / one, 1, Math.max(batch(), 1));
    }

    UnfoldSpec chunk(int first) {
      return new UnfoldSpec(windows, first, Math.min(samples(), batch() - first));
    }

    /** A group's weights. */
    Matrix weights(int group, boolean transposed) {
      return new Matrix(group * rows() * taps(), taps(), 0, transposed);
    }

    /** A group's windows of a chunk. */
    Matrix windows(UnfoldSpec chunk, int group, boolean transposed) {
      return new Matrix(group * taps() * chunk.width(), chunk.width(), columns(), transposed);
    }

    /** A group's outputs of a chunk, sample by sample, in (batch, outChannels, columns). */
    Matrix outputs(UnfoldSpec chunk, int group) {
      int sample = outChannels * columns();
      return new Matrix(chunk.first() * sample + group * rows() * columns(), columns(), sample, false);
    }

    /** A group's outputs of a chunk, samples side by side: (outChannels, samples * columns). */
    Matrix sideBySide(UnfoldSpec chunk, int group) {
      return new Matrix(group * rows() * chunk.width(), chunk.width(), 0, false);
    }
  }

  private static void forward(Geometry geometry, Tensor input, Tensor weight, @Nullable Tensor bias, Tensor y) {
    Backend backend = y.backend();
    int columns = geometry.columns();
    if (bias != null) {
      int[] shape = {geometry.batch(), geometry.outChannels, columns};
      backend.memory().copy(new CopySpec(ElementType.REAL, shape, 0, new int[] {0, 1, 0}, 0,
          Shape.of(shape).strides(), 1, false), bias.buffer(), y.buffer());
    }
    for (int first = 0; first < geometry.batch(); first += geometry.samples()) {
      UnfoldSpec chunk = geometry.chunk(first);
      try (Buffer unfolded = backend.allocate(ElementType.REAL, chunk.height() * chunk.width())) {
        backend.window().unfold(chunk, input.buffer(), unfolded);
        for (int group = 0; group < geometry.groups; group++) {
          backend.gemm().multiply(new GemmSpec(chunk.samples(), geometry.rows(), columns, geometry.taps(),
              geometry.weights(group, false), geometry.windows(chunk, group, false), geometry.outputs(chunk, group), 1,
              bias == null ? 0 : 1, false), weight.buffer(), unfolded, null, y.buffer());
        }
      }
    }
  }

  private static void backward(Geometry geometry, Tensor input, Tensor weight, Tensor gradY,
      @Nullable Tensor gradInput, @Nullable Tensor gradWeight) {
    Backend backend = gradY.backend();
    if (gradWeight != null && geometry.batch() == 0) {
      gradWeight.fill(0);
    }
    for (int first = 0; first < geometry.batch(); first += geometry.samples()) {
      UnfoldSpec chunk = geometry.chunk(first);
      try (Buffer outputs = backend.allocate(ElementType.REAL, geometry.outChannels * chunk.width());
          Buffer unfolded = backend.allocate(ElementType.REAL, chunk.height() * chunk.width())) {
        putSideBySide(geometry, chunk, gradY, outputs);
        if (gradWeight != null) {
          backend.window().unfold(chunk, input.buffer(), unfolded);
          for (int group = 0; group < geometry.groups; group++) {
            backend.gemm().multiply(new GemmSpec(1, geometry.rows(), geometry.taps(), chunk.width(),
                geometry.sideBySide(chunk, group), geometry.windows(chunk, group, true),
                geometry.weights(group, false), 1, first == 0 ? 0 : 1, false), outputs, unfolded, null,
                gradWeight.buffer());
          }
        }
        if (gradInput != null) {
          for (int group = 0; group < geometry.groups; group++) {
            backend.gemm().multiply(new GemmSpec(1, geometry.taps(), chunk.width(), geometry.rows(),
                geometry.weights(group, true), geometry.sideBySide(chunk, group),
                geometry.windows(chunk, group, false), 1, 0, false), weight.buffer(), outputs, null, unfolded);
          }
          backend.window().unfoldBackward(chunk, unfolded, gradInput.buffer());
        }
      }
    }
  }

  /** Of gradients (batch, outChannels, columns), those of a chunk as (outChannels, samples, columns). */
  private static void putSideBySide(Geometry geometry, UnfoldSpec chunk, Tensor gradY, Buffer outputs) {
    int columns = geometry.columns();
    int[] shape = {geometry.outChannels, chunk.samples(), columns};
    int sample = geometry.outChannels * columns;
    gradY.backend().memory().copy(new CopySpec(ElementType.REAL, shape, chunk.first() * sample,
        new int[] {columns, sample, 1}, 0, Shape.of(shape).strides(), 1, false), gradY.buffer(), outputs);
  }

  /** The sum of each output channel over samples and windows. */
  private static void sumChannels(Geometry geometry, Tensor gradY, Tensor gradBias) {
    Backend backend = gradY.backend();
    int batch = geometry.batch();
    int channels = geometry.outChannels;
    try (Buffer sums = backend.allocate(ElementType.REAL, batch * channels)) {
      backend.reduction().reduce(new ReductionSpec(ReductionOp.SUM, batch * channels, geometry.columns(), 1),
          gradY.buffer(), sums);
      backend.reduction().reduce(new ReductionSpec(ReductionOp.SUM, 1, batch, channels), sums, gradBias.buffer());
    }
  }
}
