package dev.sluice.nn.attention;

import dev.sluice.Tensor;

/**
 * What an attention layer computed; gradients flow through both.
 *
 * @param output what came of it
 * @param weights how much each position or feature counted: 0 to 1 each, 1 in sum unless some
 *     were selected
 */
public record Attended(Tensor output, Tensor weights) {}
