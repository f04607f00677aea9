package dev.sluice.bench.work.sluice;

import static dev.sluice.autograd.Attention.scaledDotProductAttention;

import dev.sluice.Tensor;
import dev.sluice.autograd.AttentionOptions;
import dev.sluice.bench.work.Work;
import dev.sluice.bench.work.sluice.Step.Output;
import dev.sluice.spi.AttentionSpec.Causal;
import java.util.List;

/** Scaled dot-product attention. */
final class Attentions {
  private Attentions() {}

  static Step of(Work.Attention work, Arguments arguments) {
    int[] asking = {work.batch(), work.heads(), work.queries(), work.width()};
    int[] asked = {work.batch(), work.heads(), work.length(), work.width()};
    Tensor query = arguments.uniform("query", 1, asking);
    Tensor key = arguments.uniform("key", 1, asked);
    Tensor value = arguments.uniform("value", 1, asked);
    List<Tensor> leaves = Arguments.leaves(work.pass().backward(), query, key, value);
    var options = AttentionOptions.NONE.causal(work.causal() ? Causal.TOP_LEFT : Causal.NONE);
    if (!work.pass().backward()) {
      return () -> List.of(new Output("output", scaledDotProductAttention(query, key, value, options).output()));
    }
    Tensor gradient = arguments.uniform("gradient", 1, asking);
    return () ->
        Arguments.backward(scaledDotProductAttention(query, key, value, options).output(), gradient, leaves);
  }
}
