package dev.sluice.nn.recurrent;

import dev.sluice.checks.Arguments;

/**
 * Where the layers of an IndRNN are normalised, and over what. With lengths only valid steps take part.
 *
 * @param over what statistics are taken over
 * @param place what is normalised
 * @param maxSteps how many steps have statistics of their own, 1 or more, if each does; else 0
 */
public record RecurrentBatchNorm(Over over, Place place, int maxSteps) {
  /** What statistics are taken over. */
  public enum Over {
    /** There is no normalisation. */
    NONE,
    /** Batch and time together: for whole sequences. */
    SEQUENCE,
    /** The batch, for each step by itself, with one weight and bias for all: where states are carried over. */
    STEP
  }

  /** What is normalised. */
  public enum Place {
    /** The projected input, with its bias, before the recurrence and its activation. */
    BEFORE_ACTIVATION,
    /** The output of the recurrence. The final state is as it was before. */
    AFTER_ACTIVATION
  }

  /** No normalisation. */
  public static final RecurrentBatchNorm NONE = new RecurrentBatchNorm(Over.NONE, Place.AFTER_ACTIVATION, 0);

  public RecurrentBatchNorm {
    Arguments.require(over == Over.STEP ? maxSteps >= 1 : maxSteps == 0, "batchNorm", "maxSteps is " + maxSteps,
        over == Over.STEP ? "1 or more" : "0 where steps have no statistics of their own");
  }

  /** Over batch and time, after the activation. */
  public static RecurrentBatchNorm overSequence() {
    return new RecurrentBatchNorm(Over.SEQUENCE, Place.AFTER_ACTIVATION, 0);
  }

  /** Each step by itself, after the activation. */
  public static RecurrentBatchNorm perStep(int maxSteps) {
    return new RecurrentBatchNorm(Over.STEP, Place.AFTER_ACTIVATION, maxSteps);
  }

  /** The same before the activation. */
  public RecurrentBatchNorm beforeActivation() {
    return new RecurrentBatchNorm(over, Place.BEFORE_ACTIVATION, maxSteps);
  }
}
