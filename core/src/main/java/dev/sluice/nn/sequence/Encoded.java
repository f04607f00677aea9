package dev.sluice.nn.sequence;

import dev.sluice.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What an encoder made of sequences.
 *
 * @param outputs (batch, steps, width), a vector for each position; 0 past a row's length
 * @param last (batch, width), what is known after the whole sequence
 * @param lengths INT32 (batch), how many positions of each row are valid; null for all
 */
public record Encoded(Tensor outputs, Tensor last, @Nullable Tensor lengths) {}
