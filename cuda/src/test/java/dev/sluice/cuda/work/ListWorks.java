package dev.sluice.cuda.work;

import dev.sluice.spi.AdamSpec;
import dev.sluice.spi.AveragePoolSpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClampSpec;
import dev.sluice.spi.ClippingKernels;
import dev.sluice.spi.EmbeddingKernels;
import dev.sluice.spi.EmbeddingSpec;
import dev.sluice.spi.MaxPoolSpec;
import dev.sluice.spi.NormSpec;
import dev.sluice.spi.OptimizerKernels;
import dev.sluice.spi.ScaleToNormSpec;
import dev.sluice.spi.SgdSpec;
import dev.sluice.spi.UnfoldSpec;
import dev.sluice.spi.WindowKernels;
import dev.sluice.spi.Windows;
import dev.sluice.spi.Windows.Axis;
import java.util.List;

/** Works on lists of parameters, on tables, and on the windows of images. */
final class ListWorks {
  private ListWorks() {}

  private static int count(Shop shop) {
    return shop.size(24, 3);
  }

  private static int length(Shop shop) {
    return shop.size(512 * 512, 2 * 4096);
  }

  static void optimizers(Shop shop) {
    OptimizerKernels kernels = shop.backend().optimizer();
    int count = count(shop);
    int length = length(shop);
    long n = (long) count * length;
    List<Buffer> p = shop.lists(count, length);
    List<Buffer> g = shop.lists(count, length);
    List<Buffer> m = shop.lists(count, length);
    List<Buffer> v = shop.lists(count, length);
    List<Buffer> most = shop.lists(count, length);
    SgdSpec sgd = new SgdSpec(1e-6, 0.9, 0, 0, false, false, false);
    shop.add("sgd with momentum", n, () -> kernels.sgd(sgd, p, g, v));
    AdamSpec adam = new AdamSpec(1e-6, 0.9, 0.999, 1e-8, 0.01, true, false, false, 3);
    shop.add("adam", n, () -> kernels.adam(adam, p, g, m, v, null));
    AdamSpec amsgrad = new AdamSpec(1e-6, 0.9, 0.999, 1e-8, 0.01, true, true, false, 3);
    shop.add("adam with amsgrad", n, () -> kernels.adam(amsgrad, p, g, m, v, most));
  }

  static void clipping(Shop shop) {
    ClippingKernels kernels = shop.backend().clipping();
    int count = count(shop);
    int length = length(shop);
    long n = (long) count * length;
    List<Buffer> g = shop.lists(count, length);
    Buffer norm = shop.reals(1);
    for (double p : new double[] {2, 1, 3, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0}) {
      shop.add("norm of p = " + p, n, () -> kernels.norm(new NormSpec(p), g, norm));
    }
    shop.add("scale to norm", n, () -> kernels.scaleToNorm(new ScaleToNormSpec(1e9), norm, g));
    shop.add("clamp of lists", n, () -> kernels.clamp(new ClampSpec(-1, 1), g));
  }

  static void embedding(Shop shop) {
    embedding(shop, 256, "");
    embedding(shop, 255, " of an odd width");
  }

  private static void embedding(Shop shop, int width, String form) {
    EmbeddingKernels kernels = shop.backend().embedding();
    int count = shop.size(1 << 16, 1 << 11);
    int vocabulary = shop.size(50_000, 1000);
    EmbeddingSpec spec = new EmbeddingSpec(count, vocabulary, width, EmbeddingSpec.NO_PADDING);
    Buffer table = shop.reals(vocabulary * width);
    Buffer gradTable = shop.reals(vocabulary * width);
    Buffer y = shop.reals(count * width);
    Buffer indices = shop.indices(count, vocabulary);
    long n = (long) count * width;
    shop.add("embedding" + form, n, () -> kernels.embedding(spec, table, indices, y));
    shop.add("embedding" + form + " backward", n, () -> kernels.embeddingBackward(spec, indices, y, gradTable));
  }

  static void windows(Shop shop) {
    WindowKernels kernels = shop.backend().window();
    int batch = shop.size(32, 2);
    int channels = shop.size(64, 4);
    int size = shop.size(56, 32);
    Axis convolved = new Axis(size, 3, 1, 1, 1, false);
    Windows taps = new Windows(batch, channels, convolved, convolved);
    int n = batch * channels * taps.plane();
    Buffer x = shop.reals(n);
    Buffer gradX = shop.reals(n);
    Buffer columns = shop.reals(n * taps.taps());
    UnfoldSpec unfold = new UnfoldSpec(taps, 0, batch);
    shop.add("unfold", n, () -> kernels.unfold(unfold, x, columns));
    shop.add("unfold backward", n, () -> kernels.unfoldBackward(unfold, columns, gradX));
    Axis pooled = new Axis(size, 3, 2, 1, 1, false);
    Windows pools = new Windows(batch, channels, pooled, pooled);
    int results = batch * channels * pools.count();
    Buffer y = shop.reals(results);
    Buffer indices = shop.indices(results, pools.plane());
    MaxPoolSpec max = new MaxPoolSpec(pools);
    shop.add("max pool", n, () -> kernels.maxPool(max, x, y, indices));
    shop.add("max pool backward", n, () -> kernels.maxPoolBackward(max, indices, y, gradX));
    AveragePoolSpec average = new AveragePoolSpec(pools, true, AveragePoolSpec.COUNTED);
    shop.add("average pool", n, () -> kernels.averagePool(average, x, y));
    shop.add("average pool backward", n, () -> kernels.averagePoolBackward(average, y, gradX));
  }
}
