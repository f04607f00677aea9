package dev.sluice.nn.recurrent;

import dev.sluice.checks.Arguments;
import dev.sluice.nn.Initializer;
import java.util.List;

/** Initial values that may differ from layer to layer. */
@FunctionalInterface
public interface LayerInitializer {
  /** The initial values of a layer, from 0, of so many. */
  Initializer of(int layer, int layers);

  /** The same for all layers. */
  static LayerInitializer all(Initializer initializer) {
    return (_, _) -> initializer;
  }

  /** One for each layer; a recurrence with another number of layers is refused. */
  static LayerInitializer each(List<Initializer> initializers) {
    List<Initializer> copy = List.copyOf(initializers);
    return (layer, layers) -> {
      Arguments.require(copy.size() == layers, "indrnn", "initializers are " + copy.size(), layers + ", one a layer");
      return copy.get(layer);
    };
  }
}
