package dev.sluice.nn.sequence;

import static dev.sluice.autograd.Losses.crossEntropy;
import static dev.sluice.autograd.Shaping.flatten;

import dev.sluice.Tensor;
import dev.sluice.autograd.Losses;
import dev.sluice.checks.Arguments;
import dev.sluice.spi.Backend;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import java.util.Arrays;

/**
 * Sequences that a decoder is to learn, as what it reads and what it is to say: each token is read where the next one
 * is wanted (Williams and Zipser 1989).
 *
 * @param inputs INT32 (batch, steps): that which begins, then the tokens; behind them that which ends, which counts for
 *     nothing
 * @param labels INT32 (batch, steps): the tokens, then that which ends; behind it {@link Losses#IGNORE_INDEX}
 */
public record TeacherForcing(Tensor inputs, Tensor labels) {
  /**
   * Of these sequences, which hold neither what begins nor what ends.
   *
   * @param begin the token that begins
   * @param end the token that ends; may be the same
   * @param sequences one or more, of any lengths
   * @return as many steps as the longest has tokens, and one
   */
  public static TeacherForcing of(Backend backend, int begin, int end, int[]... sequences) {
    Arguments.require(sequences.length > 0, "teacherForcing", "there is no sequence", "one or more");
    int steps = Arrays.stream(sequences).mapToInt(sequence -> sequence.length).max().orElse(0) + 1;
    int[] inputs = new int[sequences.length * steps];
    int[] labels = new int[sequences.length * steps];
    Arrays.fill(inputs, end);
    Arrays.fill(labels, Losses.IGNORE_INDEX);
    for (int row = 0; row < sequences.length; row++) {
      int[] sequence = sequences[row];
      int first = row * steps;
      inputs[first] = begin;
      System.arraycopy(sequence, 0, inputs, first + 1, sequence.length);
      System.arraycopy(sequence, 0, labels, first, sequence.length);
      labels[first + sequence.length] = end;
    }
    return new TeacherForcing(Tensor.of(backend, inputs, sequences.length, steps),
        Tensor.of(backend, labels, sequences.length, steps));
  }

  /**
   * The mean cross-entropy of the tokens and ends wanted, a scalar.
   *
   * @param logits (batch, steps, vocabulary), of what follows each input
   * @param labelSmoothing the share of the target spread evenly over the vocabulary, 0 to 1
   */
  public Tensor loss(Tensor logits, double labelSmoothing) {
    Arguments.require(logits.rank() == 3 && logits.shape().slice(0, 2).equals(labels.shape()), "teacherForcing",
        "logits has shape " + logits.shape(), labels.shape() + " and a vocabulary");
    return crossEntropy(flatten(logits, 0, 1), flatten(labels, 0, 1), Reduction.MEAN, Losses.IGNORE_INDEX,
        labelSmoothing);
  }
}
