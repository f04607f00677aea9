package dev.sluice.nn.transformer;

import static dev.sluice.autograd.Arithmetic.add;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.Pointwise;
import dev.sluice.nn.Dropout;
import dev.sluice.nn.LayerNorm;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;

/** What encoder and decoder layers share: linear layers, and how each part is added to what it read. */
abstract sealed class TransformerLayer extends Module permits TransformerEncoderLayer, TransformerDecoderLayer {
  private final TransformerOptions options;
  private final Dropout dropout;

  TransformerLayer(TransformerOptions options, Generator generator) {
    this.options = options;
    this.dropout = register("dropout", new Dropout(options.dropout(), generator));
  }

  /** What it was made with. */
  public final TransformerOptions options() {
    return options;
  }

  /** The linear layer that widens. */
  final Linear widening(Generator generator) {
    return new Linear(options.dModel(), options.dimFeedforward(), options.bias(), generator);
  }

  /** The linear layer that comes back to the model's width. */
  final Linear narrowing(Generator generator) {
    return new Linear(options.dimFeedforward(), options.dModel(), options.bias(), generator);
  }

  final LayerNorm normalization() {
    return new LayerNorm(new int[] {options.dModel()}, options.layerNormEps(), true, options.bias());
  }

  /** The two linear layers over each position. */
  final Tensor feedForward(Linear widening, Linear narrowing, Tensor x) {
    Tensor wide = widening.forward(x);
    Tensor active = switch (options.activation()) {
      case RELU -> Pointwise.relu(wide);
      case GELU -> Pointwise.gelu(wide);
    };
    return narrowing.forward(dropout.forward(active));
  }

  /** What a part reads. */
  final Tensor before(LayerNorm norm, Tensor x) {
    return options.normFirst() ? norm.forward(x) : x;
  }

  /** What a part leaves: its result added to what came in. */
  final Tensor after(LayerNorm norm, Tensor x, Tensor result) {
    Tensor sum = add(x, dropout.forward(result));
    return options.normFirst() ? sum : norm.forward(sum);
  }
}
