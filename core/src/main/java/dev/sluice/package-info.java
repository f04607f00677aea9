/**
 * Tensors and the tape: {@link dev.sluice.Tensor}, {@link dev.sluice.Shape}, {@link dev.sluice.Scope}, {@link
 * dev.sluice.Generator}, the choice of a backend ({@link dev.sluice.Backends}), and the recording of operations for
 * backward ({@link dev.sluice.Tape}).
 *
 * <p>A tensor carries no operations: they are the static functions of {@code dev.sluice.autograd}. Like {@code
 * torch.Tensor}, it carries what belongs to the tape: its gradient, hooks, {@code detach} and {@code backward}.
 */
@NullMarked
package dev.sluice;

import org.jspecify.annotations.NullMarked;
