package dev.sluice.cuda.work;

import dev.sluice.spi.BatchNormSpec;
import dev.sluice.spi.BatchStatisticsSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.CrossEntropySpec;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.LayerNormSpec;
import dev.sluice.spi.LossKernels;
import dev.sluice.spi.NormalizationKernels;
import dev.sluice.spi.Selection;
import dev.sluice.spi.SelectionSpec;
import dev.sluice.spi.SoftmaxKernels;
import dev.sluice.spi.SoftmaxSpec;

/** Works on rows or channels: a warp or a block for each. */
final class RowWorks {
  private static final int WIDTH = 1024;
  private static final int LONG_WIDTH = 8192;

  private RowWorks() {}

  private static int rows(Shop shop, int width) {
    return shop.size((1 << 24) / width, (1 << 16) / width);
  }

  static void softmax(Shop shop) {
    SoftmaxKernels kernels = shop.backend().softmax();
    int n = shop.size(1 << 24, 1 << 16);
    Buffer x = shop.reals(n);
    Buffer y = shop.reals(n);
    Buffer gradX = shop.reals(n);
    for (int width : new int[] {WIDTH, LONG_WIDTH}) {
      SoftmaxSpec spec = new SoftmaxSpec(rows(shop, width), width, false);
      shop.add("softmax of rows of " + width, n, () -> kernels.softmax(spec, x, null, null, y));
      shop.add("softmax of rows of " + width + " backward", n,
          () -> kernels.softmaxBackward(spec, y, null, null, x, gradX));
    }
    SoftmaxSpec log = new SoftmaxSpec(rows(shop, WIDTH), WIDTH, true);
    shop.add("log-softmax", n, () -> kernels.softmax(log, x, null, null, y));
    shop.add("log-softmax backward", n, () -> kernels.softmaxBackward(log, y, null, null, x, gradX));
    SoftmaxSpec sparse = new SoftmaxSpec(rows(shop, WIDTH), WIDTH, false);
    shop.add("sparsemax", n, () -> kernels.sparsemax(sparse, x, null, null, y));
    shop.add("sparsemax backward", n, () -> kernels.sparsemaxBackward(sparse, y, null, null, x, gradX));
  }

  static void selections(Shop shop) {
    SoftmaxKernels kernels = shop.backend().softmax();
    int n = shop.size(1 << 24, 1 << 16);
    Buffer weights = shop.reals(n);
    Buffer selected = shop.reals(n);
    Buffer gradWeights = shop.reals(n);
    Buffer kept = shop.backend().allocate(ElementType.BOOL, n);
    SelectionSpec largest = new SelectionSpec(rows(shop, WIDTH), WIDTH, new Selection.Largest(8, true));
    SelectionSpec threshold = new SelectionSpec(rows(shop, WIDTH), WIDTH, new Selection.Threshold(0.5, true));
    shop.add("select the largest 8", n, () -> kernels.select(largest, weights, null, selected, kept));
    shop.add("select by threshold", n, () -> kernels.select(threshold, weights, null, selected, kept));
    shop.add("select backward", n, () -> kernels.selectBackward(largest, weights, kept, selected, gradWeights));
  }

  static void losses(Shop shop) {
    LossKernels kernels = shop.backend().loss();
    for (int classes : new int[] {WIDTH, LONG_WIDTH}) {
      loss(shop, kernels, rows(shop, classes), classes);
    }
    loss(shop, kernels, shop.size(1 << 20, 1 << 14), 16);
  }

  private static void loss(Shop shop, LossKernels kernels, int rows, int classes) {
    CrossEntropySpec spec = new CrossEntropySpec(rows, classes, Reduction.MEAN, -100, 0.1);
    Buffer logits = shop.reals(rows * classes);
    Buffer gradLogits = shop.reals(rows * classes);
    Buffer labels = shop.indices(rows, classes);
    Buffer loss = shop.reals(1);
    Buffer reserve = shop.reals(kernels.crossEntropyReserve(spec));
    String name = "cross-entropy of " + classes + " classes";
    shop.add(name, (long) rows * classes, () -> kernels.crossEntropy(spec, logits, labels, loss, reserve));
    shop.add(name + " backward", (long) rows * classes,
        () -> kernels.crossEntropyBackward(spec, logits, labels, loss, reserve, gradLogits));
  }

  static void layerNorm(Shop shop) {
    NormalizationKernels kernels = shop.backend().normalization();
    int n = shop.size(1 << 24, 1 << 16);
    Buffer x = shop.reals(n);
    Buffer y = shop.reals(n);
    Buffer gradX = shop.reals(n);
    for (int width : new int[] {WIDTH, 256}) {
      LayerNormSpec spec = new LayerNormSpec(rows(shop, width), width, 1e-5);
      Buffer weight = shop.reals(width);
      Buffer bias = shop.reals(width);
      Buffer gradWeight = shop.reals(width);
      Buffer gradBias = shop.reals(width);
      Buffer reserve = shop.reals(kernels.layerNormReserve(spec));
      shop.add("layer norm of rows of " + width, n, () -> kernels.layerNorm(spec, x, weight, bias, y, reserve));
      shop.add("layer norm of rows of " + width + " backward", n,
          () -> kernels.layerNormBackward(spec, x, weight, reserve, y, gradX, gradWeight, gradBias));
    }
  }

  static void batchNorm(Shop shop) {
    batchNorm(shop, "planes", shop.size(256, 8), shop.size(64, 8), 784);
    batchNorm(shop, "features", shop.size(1 << 16, 512), shop.size(256, 64), 1);
  }

  private static void batchNorm(Shop shop, String what, int outer, int channels, int inner) {
    NormalizationKernels kernels = shop.backend().normalization();
    int n = outer * channels * inner;
    Buffer x = shop.reals(n);
    Buffer y = shop.reals(n);
    Buffer gradX = shop.reals(n);
    Buffer mean = shop.reals(channels);
    Buffer variance = shop.reals(channels);
    Buffer weight = shop.reals(channels);
    Buffer bias = shop.reals(channels);
    Buffer gradWeight = shop.reals(channels);
    Buffer gradBias = shop.reals(channels);
    BatchStatisticsSpec statistics = new BatchStatisticsSpec(outer, channels, inner, 0.1);
    BatchNormSpec spec = new BatchNormSpec(outer, channels, inner, 1e-5, true);
    shop.add("statistics of " + what, n,
        () -> kernels.batchStatistics(statistics, x, null, mean, variance, null, null));
    shop.add("batch norm of " + what, n, () -> kernels.batchNorm(spec, x, null, mean, variance, weight, bias, y));
    shop.add("batch norm of " + what + " backward", n, () -> kernels.batchNormBackward(spec, x, null, mean, variance,
        weight, y, gradX, gradWeight, gradBias));
  }
}
