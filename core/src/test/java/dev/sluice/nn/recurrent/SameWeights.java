package dev.sluice.nn.recurrent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Tensor;
import dev.sluice.testing.EveryBackend;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/** What an IndRNN has under each of IndRNNv2's names. */
final class SameWeights {
  private SameWeights() {}

  /** Gives the second the weights and statistics of the first. */
  static void copy(IndRNN from, IndRNNv2 to) {
    to.namedParameters()
        .forEach((name, parameter) -> EveryBackend.assign(parameter, numbers(from, name, Tensor::toDoubles)));
    Map<String, Tensor> statistics = from.namedBuffers();
    to.namedBuffers().forEach((name, buffer) -> {
      if (!name.endsWith("num_batches_tracked")) {
        EveryBackend.assign(buffer, statistics.get(name).toDoubles());
      }
    });
  }

  /** The numbers that go under a name of IndRNNv2's: of both directions one after the other. */
  static double[] numbers(IndRNN from, String name, Function<Tensor, double[]> read) {
    Map<String, Tensor> parameters = from.namedParameters();
    if (name.startsWith("bns.")) {
      return read.apply(parameters.get(name));
    }
    String[] parts = name.split("\\.");
    String own = parts[1] + "." + switch (parts[0] + (parts.length == 3 ? "." + parts[2] : "")) {
      case "cells_recurrent" -> "weight_hh";
      case "cells_hidden.weight" -> "weight_ih";
      case "cells_hidden.bias" -> "bias_ih";
      case String other -> throw new IllegalArgumentException(other);
    };
    assertTrue(parameters.containsKey("cells." + own), own);
    double[] forward = read.apply(parameters.get("cells." + own));
    Tensor reverse = parameters.get("cells_bi." + own);
    return reverse == null ? forward
        : DoubleStream.concat(DoubleStream.of(forward), DoubleStream.of(read.apply(reverse))).toArray();
  }
}
