/**
 * Attention layers: {@link dev.sluice.nn.attention.SoftAttention} over the outputs of a recurrence,
 * {@link dev.sluice.nn.attention.FeatureAttention} over the features of a vector, and
 * {@link dev.sluice.nn.attention.MultiHeadAttention} of one sequence over another or itself. All can return their
 * weights.
 */
@NullMarked
package dev.sluice.nn.attention;

import org.jspecify.annotations.NullMarked;
