/**
 * Training: optimizers ({@link dev.sluice.optim.SGD}, {@link dev.sluice.optim.Adam}, {@link dev.sluice.optim.AdamW}),
 * learning-rate schedules, and {@link dev.sluice.optim.GradientClipping gradient clipping}, with the names, defaults
 * and rules of torch.optim and torch.nn.utils.
 *
 * <p>All of them read and write whole lists of tensors with one kernel call each, on the backend where the parameters
 * are; nothing here is recorded on the tape, and nothing is copied to the host unless a method says so.
 */
@NullMarked
package dev.sluice.optim;

import org.jspecify.annotations.NullMarked;
