/**
 * Sequence to sequence: a {@link dev.sluice.nn.sequence.RecurrentEncoder} reads a sequence of tokens, an {@link
 * dev.sluice.nn.sequence.AttentionDecoder} with {@link dev.sluice.nn.sequence.SourceAttention} over what the encoder
 * made of each position writes another; {@link dev.sluice.nn.sequence.Attending} says by which. {@link
 * dev.sluice.nn.sequence.SequenceToSequence} is both of them, {@link dev.sluice.nn.sequence.TransformerTranslator} the
 * same by attention alone; {@link dev.sluice.nn.sequence.TeacherForcing} is what they are trained with. {@link
 * dev.sluice.nn.sequence.Search} finds what to write, greedily or by a beam, with anything that is a {@link
 * dev.sluice.nn.sequence.StepDecoder}.
 *
 * <p>Tokens are numbers from 0 to the size of a vocabulary less 1. Batches come first everywhere.
 */
@NullMarked
package dev.sluice.nn.sequence;

import org.jspecify.annotations.NullMarked;
