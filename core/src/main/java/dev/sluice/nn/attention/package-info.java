/**
 * Attention layers: {@link dev.sluice.nn.attention.SoftAttention}, {@link dev.sluice.nn.attention.HardAttention} and
 * {@link dev.sluice.nn.attention.SparseAttention} over the outputs of a recurrence,
 * {@link dev.sluice.nn.attention.FeatureAttention} over the features of a vector,
 * {@link dev.sluice.nn.attention.MultiHeadAttention} of one sequence over another or itself, and
 * {@link dev.sluice.nn.attention.GraphAttention} of a graph's nodes over their neighbours. All can return their
 * weights.
 */
@NullMarked
package dev.sluice.nn.attention;

import org.jspecify.annotations.NullMarked;
