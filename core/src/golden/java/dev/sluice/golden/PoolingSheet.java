package dev.sluice.golden;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * torch.max_pool2d, avg_pool2d and adaptive_avg_pool2d of planes, and their like of sequences. Options kernel, stride
 * and padding are a case's for the height, followed by Width for the width; a sequence has widths alone. Option divisor
 * is 0 for none. Of an adaptive case, the kernel is the output's size.
 */
final class PoolingSheet {
  private final Sheet sheet = new Sheet("pooling");

  private enum Op { MAX, AVG, ADAPTIVE }

  /** What a case differs in. */
  private record Kind(Op op, long[] kernel, long[] stride, long[] padding, long dilation, boolean ceil,
      boolean countPadding, long divisor) {
    static Kind of(Op op, long height, long width) {
      return new Kind(op, new long[] {height, width}, new long[] {height, width}, new long[] {0, 0}, 1, false, true, 0);
    }

    Kind stride(long height, long width) {
      return new Kind(op, kernel, new long[] {height, width}, padding, dilation, ceil, countPadding, divisor);
    }

    Kind padding(long height, long width) {
      return new Kind(op, kernel, stride, new long[] {height, width}, dilation, ceil, countPadding, divisor);
    }

    Kind dilation(long wanted) {
      return new Kind(op, kernel, stride, padding, wanted, ceil, countPadding, divisor);
    }

    Kind withCeil() {
      return new Kind(op, kernel, stride, padding, dilation, true, countPadding, divisor);
    }

    Kind paddingNotCounted() {
      return new Kind(op, kernel, stride, padding, dilation, ceil, false, divisor);
    }

    Kind divisor(long wanted) {
      return new Kind(op, kernel, stride, padding, dilation, ceil, countPadding, wanted);
    }
  }

  private PoolingSheet() {}

  static Sheet make() {
    var cases = new PoolingSheet();
    cases.max();
    cases.average();
    cases.adaptive();
    return cases.sheet;
  }

  private void max() {
    Kind two = Kind.of(Op.MAX, 2, 2);
    Kind overlapping = Kind.of(Op.MAX, 3, 2).stride(1, 1);
    drawn("max_planes", two, 2, 3, 5, 6);
    drawn("max_planes_overlapping", overlapping, 2, 2, 5, 5);
    drawn("max_planes_padding", Kind.of(Op.MAX, 3, 4).stride(2, 3).padding(1, 2), 2, 2, 5, 6);
    drawn("max_planes_dilation", overlapping.dilation(2), 2, 2, 6, 5);
    drawn("max_planes_ceil", two.withCeil(), 2, 2, 5, 7);
    var ties = sheet.sample("max_planes_ties");
    add(ties, overlapping, coarse(ties, 2, 2, 5, 5));
    var nan = sheet.sample("max_planes_nan");
    double[] numbers = nan.draw(2, 1, 2, 4, 5);
    for (int i : new int[] {3, 4, 7, 21, 38}) {
      numbers[i] = Double.NaN;
    }
    add(nan, overlapping, Values.real(numbers, 1, 2, 4, 5));
    drawn("max_planes_unbatched", two, 2, 4, 5);
    drawn("max_sequences", two, 2, 3, 7);
    drawn("max_sequences_everything", Kind.of(Op.MAX, 1, 3).stride(1, 2).padding(0, 1).dilation(2).withCeil(), 2, 3, 9);
  }

  private void average() {
    Kind two = Kind.of(Op.AVG, 2, 2);
    Kind padded = Kind.of(Op.AVG, 3, 4).stride(2, 3).padding(1, 2);
    drawn("avg_planes", two, 2, 3, 5, 6);
    drawn("avg_planes_overlapping", Kind.of(Op.AVG, 3, 2).stride(1, 1), 2, 2, 5, 5);
    drawn("avg_planes_padding", padded, 2, 2, 5, 6);
    drawn("avg_planes_padding_not_counted", padded.paddingNotCounted(), 2, 2, 5, 6);
    drawn("avg_planes_ceil", two.withCeil(), 2, 2, 5, 7);
    drawn("avg_planes_ceil_padding", padded.withCeil(), 2, 2, 6, 6);
    drawn("avg_planes_ceil_padding_not_counted", padded.withCeil().paddingNotCounted(), 2, 2, 6, 6);
    drawn("avg_planes_divisor", padded.divisor(5), 2, 2, 5, 6);
    drawn("avg_planes_unbatched", two, 2, 4, 5);
    drawn("avg_sequences", two, 2, 3, 7);
    Kind sequences = Kind.of(Op.AVG, 1, 3).stride(1, 2).padding(0, 1).withCeil();
    drawn("avg_sequences_everything", sequences, 2, 3, 8);
    drawn("avg_sequences_padding_not_counted", sequences.paddingNotCounted(), 2, 3, 8);
  }

  private void adaptive() {
    drawn("adaptive_planes_one", Kind.of(Op.ADAPTIVE, 1, 1), 2, 3, 5, 6);
    drawn("adaptive_planes_even", Kind.of(Op.ADAPTIVE, 2, 3), 2, 2, 4, 6);
    drawn("adaptive_planes_uneven", Kind.of(Op.ADAPTIVE, 3, 4), 2, 2, 5, 7);
    drawn("adaptive_planes_more", Kind.of(Op.ADAPTIVE, 5, 2), 2, 2, 3, 3);
    drawn("adaptive_sequences", Kind.of(Op.ADAPTIVE, 1, 3), 2, 2, 7);
  }

  private void drawn(String name, Kind kind, long... shape) {
    var sample = sheet.sample(name);
    add(sample, kind, Values.real(sample.draw(2, shape), shape));
  }

  /** Whole numbers of -2 to 1: many of a window are equal. */
  private static Tensor coarse(Sample sample, long... shape) {
    double[] numbers = sample.draw(2, shape);
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Math.floor(numbers[i]);
    }
    return Values.real(numbers, shape);
  }

  private void add(Sample sample, Kind kind, Tensor input) {
    boolean planes = sample.name().contains("planes");
    sample.option("op", kind.op.name().toLowerCase()).option("planes", planes);
    sample.option("kernel", (int) kind.kernel[0]).option("kernelWidth", (int) kind.kernel[1]);
    sample.option("stride", (int) kind.stride[0]).option("strideWidth", (int) kind.stride[1]);
    sample.option("padding", (int) kind.padding[0]).option("paddingWidth", (int) kind.padding[1]);
    sample.option("dilation", (int) kind.dilation).option("ceilMode", kind.ceil)
        .option("countIncludePad", kind.countPadding).option("divisor", (int) kind.divisor);
    Tensor x = sample.leaf("input", input);
    sample.result("output", planes ? planes(kind, x) : sequences(kind, x));
    sample.backward();
  }

  private static Tensor planes(Kind kind, Tensor x) {
    long[] dilation = {kind.dilation, kind.dilation};
    return switch (kind.op) {
      case MAX -> torch.max_pool2d(x, kind.kernel, kind.stride, kind.padding, dilation, kind.ceil);
      case AVG -> torch.avg_pool2d(x, kind.kernel, kind.stride, kind.padding, kind.ceil, kind.countPadding,
          kind.divisor == 0 ? new LongOptional() : new LongOptional(kind.divisor));
      case ADAPTIVE -> torch.adaptive_avg_pool2d(x, kind.kernel);
    };
  }

  private static Tensor sequences(Kind kind, Tensor x) {
    return switch (kind.op) {
      case MAX -> torch.max_pool1d(x, width(kind.kernel), width(kind.stride), width(kind.padding),
          new long[] {kind.dilation}, kind.ceil);
      case AVG -> torch.avg_pool1d(x, width(kind.kernel), width(kind.stride), width(kind.padding), kind.ceil,
          kind.countPadding);
      case ADAPTIVE -> torch.adaptive_avg_pool1d(x, width(kind.kernel));
    };
  }

  private static long[] width(long[] pair) {
    return new long[] {pair[1]};
  }
}
