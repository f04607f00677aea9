/**
 * Recurrences over sequences and, as cells, over single steps. All take {@link dev.sluice.nn.recurrent.RecurrentOptions
 * the constructor arguments of torch.nn.LSTM} and have {@link dev.sluice.nn.recurrent.Recurrent one forward contract},
 * so that replacing one by another is one word. {@link dev.sluice.nn.recurrent.Residual} and {@link
 * dev.sluice.nn.recurrent.Dense} stack any of them with paths around.
 */
@NullMarked
package dev.sluice.nn.recurrent;

import org.jspecify.annotations.NullMarked;
