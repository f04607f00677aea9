package dev.sluice.nn;

import dev.sluice.Tensor;
import java.util.List;

/**
 * Layers one after the other, as torch.nn.Sequential. A layer that is a module is registered under its position; a
 * function, such as {@code Pointwise::relu}, just takes part:
 *
 * <pre>{@code
 * var model = new Sequential(new Linear(784, 128, generator), Pointwise::relu, new Linear(128, 10, generator));
 * }</pre>
 */
public final class Sequential extends Module implements Layer {
  private final List<Layer> layers;

  /** These layers, in this order. */
  public Sequential(Layer... layers) {
    this(List.of(layers));
  }

  /** These layers, in this order. */
  public Sequential(List<? extends Layer> layers) {
    this.layers = List.copyOf(layers);
    for (int i = 0; i < layers.size(); i++) {
      if (layers.get(i) instanceof Module module) {
        register(Integer.toString(i), module);
      }
    }
  }

  /** The layers, in their order. */
  public List<Layer> layers() {
    return layers;
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensor value = input;
    for (Layer layer : layers) {
      value = layer.forward(value);
    }
    return value;
  }
}
