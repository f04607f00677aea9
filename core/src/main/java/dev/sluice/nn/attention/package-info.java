/**
 * Attention layers: {@link dev.sluice.nn.attention.SoftAttention} and {@link dev.sluice.nn.attention.HardAttention}
 * over the outputs of a recurrence, and {@link dev.sluice.nn.attention.FeatureAttention} over the features of a vector.
 * All return their weights.
 */
@NullMarked
package dev.sluice.nn.attention;

import org.jspecify.annotations.NullMarked;
