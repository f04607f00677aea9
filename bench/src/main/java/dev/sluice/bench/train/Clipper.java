package dev.sluice.bench.train;

import static dev.sluice.optim.GradientClipping.clipGradHook;
import static dev.sluice.optim.GradientClipping.clipGradNorm;
import static dev.sluice.optim.GradientClipping.clipGradValue;
import static dev.sluice.optim.GradientClipping.getTotalNorm;

import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.bench.UsageException;
import dev.sluice.bench.train.ClipOption.Bounds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Clips the gradients of a model's parameters in the way that was asked for, and tells the norm of all gradients before
 * and after. Nothing is read on the host.
 *
 * <p>The norm is the 2-norm, or that of the order which {@code norm:MAX,P} names.
 */
final class Clipper {
  /** The norms of all gradients of a step, scalars on the parameters' backend. */
  record Norms(Tensor before, Tensor after) {}

  private final ClipOption option;
  private final List<Tensor> parameters;
  private final double order;
  /** Norm of each parameter's gradient before its hook bounds it; refilled by every backward. */
  private final List<Tensor> unclipped = new ArrayList<>();

  /**
   * Prepares clipping; {@code range} registers its hooks.
   *
   * @param option the way of clipping
   * @param parameters by name, all requiring a gradient
   * @throws UsageException if a pattern of {@code range} matches no name
   */
  Clipper(ClipOption option, Map<String, Tensor> parameters) {
    this.option = option;
    this.parameters = List.copyOf(parameters.values());
    this.order = option instanceof ClipOption.Norm norm ? norm.p() : 2;
    if (option instanceof ClipOption.Range range) {
      requireMatches(range, parameters);
      parameters.forEach((name, parameter) -> registerHooks(range, name, parameter));
    }
  }

  private static void requireMatches(ClipOption.Range range, Map<String, Tensor> parameters) {
    for (Bounds bounds : range.bounds()) {
      if (parameters.keySet().stream().noneMatch(bounds::matches)) {
        throw new UsageException("--clip range: '" + bounds.glob()
            + "' matches no parameter, wanted a pattern for one of " + String.join(", ", parameters.keySet()));
      }
    }
  }

  private void registerHooks(ClipOption.Range range, String name, Tensor parameter) {
    parameter.registerHook(gradient -> {
      unclipped.add(getTotalNorm(List.of(gradient)));
      return null;
    });
    Optional<Bounds> first = range.bounds().stream().filter(bounds -> bounds.matches(name)).findFirst();
    first.ifPresent(bounds -> clipGradHook(parameter, bounds.low(), bounds.high()));
  }

  /** Clips the gradients that backward left. */
  Norms clip() {
    try (Tape.NoGrad _ = Tape.noGrad()) {
      Tensor before = switch (option) {
        case ClipOption.None _ -> norm();
        case ClipOption.Value value -> {
          Tensor norm = norm();
          clipGradValue(parameters, value.bound());
          yield norm;
        }
        case ClipOption.Range _ -> getTotalNorm(unclipped);
        case ClipOption.Norm norm -> clipGradNorm(parameters, norm.max(), norm.p());
      };
      unclipped.clear();
      return new Norms(before, option instanceof ClipOption.None ? before : norm());
    }
  }

  private Tensor norm() {
    return getTotalNorm(parameters.stream().map(Tensor::gradient).filter(Objects::nonNull).toList(), order, false);
  }
}
