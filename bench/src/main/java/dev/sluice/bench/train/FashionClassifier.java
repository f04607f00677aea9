package dev.sluice.bench.train;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.data.FashionMnist;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.nn.attention.Attended;
import dev.sluice.nn.attention.FeatureAttention;
import dev.sluice.nn.attention.Query;
import dev.sluice.nn.attention.SoftAttention;
import dev.sluice.nn.recurrent.RecurrentOptions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Images in, class scores out: a recurrence (or a projection of each step) over rows, or convolutions; attention over
 * the outputs, or over the places of the last map; a linear classifier.
 *
 * <p>Children: {@code recurrence}, {@code convolutions} or {@code projection}; {@code attention}, if any; {@code
 * classifier}. Soft attention asks with the last output of the recurrence or the summary of the map, and with a
 * learned query where there is neither: the last row of an image alone knows nothing of the rest.
 */
public final class FashionClassifier extends Module {
  /**
   * What the model made of a batch.
   *
   * @param logits (batch, 10)
   * @param weights how much each step (batch, steps) or feature (batch, features) counted; null without attention
   */
  record Reading(Tensor logits, @Nullable Tensor weights) {
    /** The weights, with attention. */
    Tensor requireWeights() {
      return Objects.requireNonNull(weights, "only attention has weights");
    }
  }

  /** One vector (batch, features) for each sequence, and the weights that made it. */
  private record Encoded(Tensor vector, @Nullable Tensor weights) {
    static Encoded of(Attended attended) {
      return new Encoded(attended.output(), attended.weights());
    }
  }

  /** What makes one vector of a sequence (batch, steps, width). */
  private interface Encoder {
    Encoded encode(Tensor sequence);
  }

  /** What makes outputs (batch, steps, width), and one that stands for all, of a sequence. */
  private interface Reader {
    SequenceReader.Reading read(Tensor sequence);
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
    encoder = configuration.network() == NetworkKind.RNN && configuration.cell() == CellKind.NONE
        ? projected(configuration, generator)
        : attended(configuration, generator);
    int vectors = configuration.attention() == AttentionKind.SOFT ? 2 : 1;
    int features = vectors * configuration.outputWidth();
    classifier = register("classifier", new Linear(features, FashionMnist.CLASSES, generator));
  }

  private Encoder projected(FashionConfiguration configuration, Generator generator) {
    int hidden = configuration.hidden();
    Linear projection = register("projection", new Linear(configuration.stepWidth(), hidden, generator));
    SoftAttention attention = register("attention",
        new SoftAttention(hidden, configuration.requireScore().score(), Query.LEARNED, true, generator));
    return sequence -> Encoded.of(attention.forward(projection.forward(sequence), null, null));
  }

  private Reader reader(FashionConfiguration configuration, Generator generator) {
    return switch (configuration.network()) {
      case RNN -> recurrent(configuration, generator);
      case CNN -> register("convolutions",
          new ImageReader(configuration.hidden(), configuration.dropout(), generator))::read;
    };
  }

  private Reader recurrent(FashionConfiguration configuration, Generator generator) {
    RecurrentOptions options = RecurrentOptions.of(configuration.stepWidth(), configuration.hidden())
        .withNumLayers(configuration.layers())
        .withBidirectional(configuration.bidirectional())
        .withDropout(configuration.dropout())
        .withBatchFirst(true);
    var reader = SequenceReader.make(
        configuration.cell(), options, configuration.batchNorm(), configuration.steps(), generator);
    register("recurrence", reader.recurrence());
    return reader::read;
  }

  private Encoder attended(FashionConfiguration configuration, Generator generator) {
    Reader reader = reader(configuration, generator);
    int width = configuration.outputWidth();
    return switch (configuration.attention()) {
      case NONE -> sequence -> new Encoded(reader.read(sequence).last(), null);
      case SOFT -> {
        SoftAttention attention = register("attention",
            new SoftAttention(width, configuration.requireScore().score(), Query.LAST, true, generator));
        yield sequence -> {
          SequenceReader.Reading read = reader.read(sequence);
          return Encoded.of(attention.forward(read.outputs(), read.last(), null));
        };
      }
      case FEATURE -> {
        FeatureAttention attention = register("attention", new FeatureAttention(width, generator));
        yield sequence -> Encoded.of(attention.attend(reader.read(sequence).last()));
      }
    };
  }

  /**
   * Scores every class.
   *
   * @param sequence REAL (batch, steps, width)
   * @return logits (batch, 10)
   */
  public Tensor forward(Tensor sequence) {
    return read(sequence).logits();
  }

  /**
   * Scores every class, and tells what was looked at.
   *
   * @param sequence REAL (batch, steps, width)
   */
  Reading read(Tensor sequence) {
    Encoded encoded = encoder.encode(sequence);
    return new Reading(classifier.forward(encoded.vector()), encoded.weights());
  }
}
