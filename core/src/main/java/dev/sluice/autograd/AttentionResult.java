package dev.sluice.autograd;

import dev.sluice.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What attention computed.
 *
 * @param output (..., heads, queries, valueWidth)
 * @param weights (..., heads, queries, keys), after dropout, each 0 to 1 (to 1/(1-p) with dropout); null unless asked
 *     for
 */
public record AttentionResult(Tensor output, @Nullable Tensor weights) {}
