package dev.sluice.nn.recurrent;

import dev.sluice.spi.IndRnnSpec;
import dev.sluice.spi.RecurrentCell;

/** What closes a step of a plain or an independent recurrence. */
public enum Nonlinearity {
  /** The hyperbolic tangent. */
  TANH,
  /** {@code max(a, 0)}; derivative 0 at 0. */
  RELU;

  RecurrentCell cell() {
    return switch (this) {
      case TANH -> RecurrentCell.RNN_TANH;
      case RELU -> RecurrentCell.RNN_RELU;
    };
  }

  IndRnnSpec.Activation activation() {
    return switch (this) {
      case TANH -> IndRnnSpec.Activation.TANH;
      case RELU -> IndRnnSpec.Activation.RELU;
    };
  }
}
