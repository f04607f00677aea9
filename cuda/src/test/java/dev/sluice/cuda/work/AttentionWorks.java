package dev.sluice.cuda.work;

import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.Selection;

/** Works of attention, soft by tiles and by products, and hard. */
final class AttentionWorks {
  private static final int WIDTH = 64;
  private static final int LONG_WIDTH = 128;

  private AttentionWorks() {}

  private static AttentionSpec spec(Shop shop, int width, Causal causal) {
    int batch = shop.size(4, 1);
    int heads = shop.size(16, 2);
    int length = shop.size(1024, 128);
    Layout layout = Layout.headsFirst(heads, length, width);
    return new AttentionSpec(batch, heads, heads, length, length, width, width, layout, layout, layout, layout,
        1 / Math.sqrt(width), causal, null, null, false, Dropout.NONE);
  }

  static void soft(Shop shop) {
    add(shop, "attention", spec(shop, WIDTH, Causal.NONE), false);
    add(shop, "causal attention", spec(shop, WIDTH, Causal.TOP_LEFT), false);
    add(shop, "attention with weights", spec(shop, WIDTH, Causal.NONE), true);
    add(shop, "attention of width 128", spec(shop, LONG_WIDTH, Causal.NONE), false);
  }

  static void hard(Shop shop) {
    AttentionSpec soft = spec(shop, WIDTH, Causal.NONE);
    add(shop, "attention to the largest 8", soft.withSelection(new Selection.Largest(8, false)), false);
    add(shop, "attention to the largest 8, renormalised", soft.withSelection(new Selection.Largest(8, true)), false);
    add(shop, "attention to one drawn", soft.withSelection(new Selection.Sampled(3, 4)), false);
  }

  private static void add(Shop shop, String name, AttentionSpec spec, boolean withWeights) {
    AttentionKernels kernels = shop.backend().attention();
    int size = spec.batch() * spec.heads() * spec.queries() * spec.width();
    long logits = (long) spec.batch() * spec.heads() * spec.queries() * spec.keys();
    var inputs = new AttentionKernels.Inputs(shop.reals(size), shop.reals(size), shop.reals(size), null, null, null);
    Buffer output = shop.reals(size);
    Buffer gradOutput = shop.reals(size);
    Buffer weights = withWeights ? shop.reals(spec.weights()) : null;
    Buffer reserve = shop.reals(kernels.attentionReserve(spec));
    var gradients = new AttentionKernels.Gradients(shop.reals(size), shop.reals(size), shop.reals(size), null);
    shop.add(name, logits, () -> kernels.attention(spec, inputs, output, weights, reserve));
    kernels.attention(spec, inputs, output, weights, reserve);
    shop.add(name + " backward", logits,
        () -> kernels.attentionBackward(spec, inputs, output, reserve, gradOutput, null, gradients));
  }
}
