package dev.sluice.golden;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * torch.conv2d of planes and torch.conv1d of sequences. Options stride, padding and dilation are a case's for the
 * height, followed by Width for the width; a sequence has widths alone.
 */
final class ConvolutionSheet {
  private final Sheet sheet = new Sheet("convolution");

  /** What a case differs in. */
  private record Kind(long[] stride, long[] padding, long[] dilation, long groups, boolean bias) {
    static final Kind PLAIN = new Kind(new long[] {1, 1}, new long[] {0, 0}, new long[] {1, 1}, 1, true);

    Kind stride(long height, long width) {
      return new Kind(new long[] {height, width}, padding, dilation, groups, bias);
    }

    Kind padding(long height, long width) {
      return new Kind(stride, new long[] {height, width}, dilation, groups, bias);
    }

    Kind dilation(long height, long width) {
      return new Kind(stride, padding, new long[] {height, width}, groups, bias);
    }

    Kind groups(long wanted) {
      return new Kind(stride, padding, dilation, wanted, bias);
    }

    Kind withoutBias() {
      return new Kind(stride, padding, dilation, groups, false);
    }
  }

  private ConvolutionSheet() {}

  static Sheet make() {
    var cases = new ConvolutionSheet();
    Kind plain = Kind.PLAIN;
    cases.add("planes", plain, shape(2, 3, 5, 6), shape(4, 3, 3, 2));
    cases.add("planes_no_bias", plain.withoutBias(), shape(2, 3, 5, 6), shape(4, 3, 3, 2));
    cases.add("planes_stride", plain.stride(2, 3), shape(2, 2, 7, 8), shape(3, 2, 3, 3));
    cases.add("planes_padding", plain.padding(1, 2), shape(2, 2, 5, 4), shape(3, 2, 3, 4));
    cases.add("planes_dilation", plain.dilation(2, 3), shape(2, 2, 6, 8), shape(3, 2, 2, 3));
    cases.add("planes_groups", plain.groups(2), shape(2, 4, 5, 5), shape(6, 2, 3, 3));
    cases.add("planes_depthwise", plain.groups(3).padding(1, 1), shape(2, 3, 5, 5), shape(3, 1, 3, 3));
    cases.add("planes_everything", plain.stride(2, 1).padding(2, 1).dilation(1, 2).groups(2), shape(2, 4, 6, 7),
        shape(4, 2, 3, 3));
    cases.add("planes_one_tap", plain, shape(2, 3, 4, 5), shape(4, 3, 1, 1));
    cases.add("planes_one_window", plain, shape(2, 3, 4, 5), shape(4, 3, 4, 5));
    cases.add("planes_unbatched", plain.padding(1, 1), shape(2, 4, 5), shape(3, 2, 3, 3));
    cases.add("planes_many_channels", plain.padding(1, 1), shape(1, 17, 3, 3), shape(19, 17, 3, 3));
    cases.add("sequences", plain, shape(2, 3, 9), shape(4, 3, 3));
    cases.add("sequences_no_bias", plain.withoutBias(), shape(2, 3, 9), shape(4, 3, 3));
    cases.add("sequences_stride_padding", plain.stride(1, 2).padding(0, 2), shape(2, 3, 9), shape(4, 3, 4));
    cases.add("sequences_dilation_groups", plain.dilation(1, 3).groups(2), shape(2, 4, 11), shape(6, 2, 3));
    cases.add("sequences_unbatched", plain.padding(0, 1), shape(2, 7), shape(3, 2, 3));
    return cases.sheet;
  }

  private static long[] shape(long... sizes) {
    return sizes;
  }

  private void add(String name, Kind kind, long[] input, long[] weight) {
    boolean planes = weight.length == 4;
    var sample = sheet.sample(name).option("planes", planes).option("groups", (int) kind.groups)
        .option("bias", kind.bias);
    sample.option("stride", (int) kind.stride[0]).option("strideWidth", (int) kind.stride[1]);
    sample.option("padding", (int) kind.padding[0]).option("paddingWidth", (int) kind.padding[1]);
    sample.option("dilation", (int) kind.dilation[0]).option("dilationWidth", (int) kind.dilation[1]);
    Tensor x = sample.leaf("input", 2, input);
    Tensor w = sample.leaf("weight", 1, weight);
    var b = kind.bias ? new TensorOptional(sample.leaf("bias", 1, weight[0])) : new TensorOptional();
    sample.result("output", planes
        ? torch.conv2d(x, w, b, kind.stride, kind.padding, kind.dilation, kind.groups)
        : torch.conv1d(x, w, b, width(kind.stride), width(kind.padding), width(kind.dilation), kind.groups));
    sample.backward();
  }

  private static long[] width(long[] pair) {
    return new long[] {pair[1]};
  }
}
