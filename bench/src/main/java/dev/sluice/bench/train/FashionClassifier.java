package dev.sluice.bench.train;

import static dev.sluice.autograd.Shaping.select;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.data.FashionMnist;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.nn.attention.FeatureAttention;
import dev.sluice.nn.attention.Query;
import dev.sluice.nn.attention.SoftAttention;
import dev.sluice.nn.recurrent.JANET;
import dev.sluice.nn.recurrent.LSTM;
import dev.sluice.nn.recurrent.Recurrent;
import dev.sluice.nn.recurrent.RecurrentOptions;

/**
 * Sequences in, class scores out: a recurrence (or a projection of each step), attention over its outputs, a linear
 * classifier.
 *
 * <p>Children: {@code recurrence} or {@code projection}; {@code attention}, if any; {@code classifier}. Soft attention
 * asks with the last output of the recurrence, and with a learned query where there is none: the last row of an image
 * alone knows nothing of the rest.
 */
public final class FashionClassifier extends Module {
  /** What makes one vector (batch, features) of a sequence (batch, steps, width). */
  private interface Encoder {
    Tensor encode(Tensor sequence);
  }

  private final Encoder encoder;
  private final Linear classifier;

  /**
   * Makes the layers.
   *
   * @param configuration which ones
   * @param generator draws the initial values
   */
  public FashionClassifier(FashionConfiguration configuration, Generator generator) {
    encoder = configuration.cell() == CellKind.NONE
        ? projected(configuration, generator)
        : recurrent(configuration, generator);
    int vectors = configuration.attention() == AttentionKind.SOFT ? 2 : 1;
    int features = vectors * configuration.hidden();
    classifier = register("classifier", new Linear(features, FashionMnist.CLASSES, generator));
  }

  private Encoder projected(FashionConfiguration configuration, Generator generator) {
    int hidden = configuration.hidden();
    Linear projection = register("projection", new Linear(configuration.stepWidth(), hidden, generator));
    SoftAttention attention = register("attention",
        new SoftAttention(hidden, configuration.requireScore().score(), Query.LEARNED, true, generator));
    return sequence -> attention.forward(projection.forward(sequence), null, null).output();
  }

  private Encoder recurrent(FashionConfiguration configuration, Generator generator) {
    RecurrentOptions options = RecurrentOptions.of(configuration.stepWidth(), configuration.hidden())
        .withNumLayers(configuration.layers())
        .withBatchFirst(true);
    Recurrent recurrence = register("recurrence", switch (configuration.cell()) {
      case LSTM -> new LSTM(options, generator);
      case JANET -> new JANET(options, generator);
      case NONE -> throw new IllegalStateException("no recurrence was asked for");
    });
    return switch (configuration.attention()) {
      case NONE -> sequence -> last(recurrence.forward(sequence));
      case SOFT -> {
        SoftAttention attention = register("attention",
            new SoftAttention(recurrence, configuration.requireScore().score(), Query.LAST, generator));
        yield sequence -> attention.forward(recurrence.forward(sequence)).output();
      }
      case FEATURE -> {
        FeatureAttention attention = register("attention", new FeatureAttention(configuration.hidden(), generator));
        yield sequence -> attention.forward(last(recurrence.forward(sequence)));
      }
    };
  }

  /** The last output (batch, hidden) of the top layer. */
  private static Tensor last(Recurrent.Output sequence) {
    return select(sequence.state().hidden(), 0, sequence.state().hidden().size(0) - 1);
  }

  /**
   * Scores every class.
   *
   * @param sequence REAL (batch, steps, width)
   * @return logits (batch, 10)
   */
  public Tensor forward(Tensor sequence) {
    return classifier.forward(encoder.encode(sequence));
  }
}
