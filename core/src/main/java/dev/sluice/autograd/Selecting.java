package dev.sluice.autograd;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.Selection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which of the weights that a softmax made count: hard attention. The others are exactly 0 and what they would multiply
 * is not read; kept ones stay as they are unless {@link #renormalised}. See {@link Selection} for gradients, ties and
 * NaN.
 */
public sealed interface Selecting {
  /** All: soft attention. */
  Selecting ALL = new Given(Selection.ALL);

  /** The key of the largest weight, ties to the lower index; its weight becomes 1. */
  Selecting ARG_MAX = new Given(new Selection.ArgMax());

  /**
   * A selection that needs nothing else.
   *
   * @param selection any but a predicate, whose tensor is missing
   */
  record Given(Selection selection) implements Selecting {
    public Given {
      Checks.require(!(selection instanceof Selection.Predicate), "selection", "a predicate without a tensor",
          "Selecting.predicate");
    }
  }

  /**
   * Those that the caller chose.
   *
   * @param keeps BOOL, true keeps a weight, stretching to the weights
   * @param renormalises whether kept weights are divided by their sum
   */
  record Chosen(Tensor keeps, boolean renormalises) implements Selecting {
    public Chosen {
      Checks.type("selection", "predicate", keeps, ElementType.BOOL);
    }
  }

  /** One key, drawn with the weights as its chances, by the generator's next numbers. */
  record Drawn(Generator generator) implements Selecting {}

  /** Weights of a least size, 0 to 1. */
  static Selecting threshold(double least) {
    return new Given(new Selection.Threshold(least, false));
  }

  /** Exactly so many largest weights, 1 or more; ties to the lower index, fewer where fewer take part. */
  static Selecting largest(int count) {
    return new Given(new Selection.Largest(count, false));
  }

  /** Those where a BOOL tensor, which stretches to the weights, is true. */
  static Selecting predicate(Tensor keeps) {
    return new Chosen(keeps, false);
  }

  /**
   * One key, drawn with the weights as its chances; its weight becomes 1. The gradient passes straight through: it is
   * that of the softmax (Bengio, Leonard and Courville, arXiv 1308.3432).
   */
  static Selecting sampled(Generator generator) {
    return new Drawn(generator);
  }

  /** The same with kept weights divided by their sum; where one key is picked or all are kept, that changes nothing. */
  default Selecting renormalised() {
    return switch (this) {
      case Given(Selection.Threshold(double least, boolean _)) -> new Given(new Selection.Threshold(least, true));
      case Given(Selection.Largest(int count, boolean _)) -> new Given(new Selection.Largest(count, true));
      case Chosen(Tensor keeps, boolean _) -> new Chosen(keeps, true);
      case Given given -> given;
      case Drawn drawn -> drawn;
    };
  }

  /** What evaluation takes in its place: the largest weight's key for a drawn one, else the same. */
  default Selecting evaluating() {
    return this instanceof Drawn ? ARG_MAX : this;
  }

  /**
   * The selection that a kernel takes; what is drawn uses up counters of its generator.
   *
   * @param rows rows of weights
   * @param predicate where the rows of the chosen lie; null for others
   */
  default Selection selection(long rows, @Nullable Layout predicate) {
    return switch (this) {
      case Given given -> given.selection();
      case Chosen chosen -> new Selection.Predicate(Objects.requireNonNull(predicate), chosen.renormalises());
      case Drawn drawn -> new Selection.Sampled(drawn.generator().seed(), drawn.generator().reserve(rows));
    };
  }
}
