package dev.sluice.autograd;

import dev.sluice.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a recurrent layer computed over all steps; D directions, batch B, output width R, hidden width H.
 *
 * @param output (T, B, D*R), or (B, T, D*R) if batch first; 0 past a row's length
 * @param hidden (D, B, R), after each row's last step in each direction
 * @param cell (D, B, H), likewise; null without cell state
 */
public record RecurrentResult(Tensor output, Tensor hidden, @Nullable Tensor cell) {}
