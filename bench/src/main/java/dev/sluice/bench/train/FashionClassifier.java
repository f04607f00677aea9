package dev.sluice.bench.train;

import static dev.sluice.autograd.Arithmetic.add;
import static dev.sluice.autograd.Reductions.mean;
import static dev.sluice.autograd.Shaping.cat;
import static dev.sluice.autograd.Shaping.squeeze;
import static dev.sluice.autograd.Shaping.unsqueeze;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.data.FashionMnist;
import dev.sluice.nn.LayerNorm;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.nn.attention.Attended;
import dev.sluice.nn.attention.AttentionCall;
import dev.sluice.nn.attention.FeatureAttention;
import dev.sluice.nn.attention.HardAttention;
import dev.sluice.nn.attention.MultiHeadAttention;
import dev.sluice.nn.attention.MultiHeadOptions;
import dev.sluice.nn.attention.Query;
import dev.sluice.nn.attention.SequenceAttention;
import dev.sluice.nn.attention.SoftAttention;
import dev.sluice.nn.attention.SparseAttention;
import dev.sluice.nn.recurrent.RecurrentOptions;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Images in, class scores out: a recurrence (or a projection of each step) over rows, or convolutions; attention over
 * the outputs, or over the places of the last map; a linear classifier.
 *
 * <p>Children: {@code recurrence}, {@code convolutions} or {@code projection}; {@code attention}, if any, and {@code
 * norm} behind self-attention and its residual; {@code classifier}. Attention by scores or several heads asks with the
 * last output of the recurrence or the summary of the map. Of a projection there is no such output, as the last row of
 * an image alone knows nothing of the rest: attention by scores learns a query, multihead asks with the mean.
 */
public final class FashionClassifier extends Module {
  /**
   * What the model made of a batch.
   *
   * @param logits (batch, 10)
   * @param weights how much each step (batch, steps) or feature (batch, features) counted, those of heads averaged, and
   *     of self-attention over the steps that look; null without attention
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

  /** What makes one vector of what was read; weights that cost something are told only to who is looking. */
  private interface Encoder {
    Encoded encode(SequenceReader.Reading read, boolean looking);
  }

  /** What makes outputs (batch, steps, width), and one that stands for all, of a sequence. */
  private interface Reader {
    SequenceReader.Reading read(Tensor sequence);
  }

  private final Reader reader;
  private final Encoder encoder;
  private final Linear classifier;

  /**
   * Makes the layers.
   *
   * @param configuration which ones
   * @param generator draws the initial values, what is dropped, and what hard attention samples
   */
  public FashionClassifier(FashionConfiguration configuration, Generator generator) {
    reader = reader(configuration, generator);
    encoder = encoder(configuration, generator);
    int features = configuration.attention().vectors() * configuration.outputWidth();
    classifier = register("classifier", new Linear(features, FashionMnist.CLASSES, generator));
  }

  private Reader reader(FashionConfiguration configuration, Generator generator) {
    return switch (configuration.network()) {
      case RNN -> configuration.cell() == CellKind.NONE
          ? projected(configuration, generator) : recurrent(configuration, generator);
      case CNN -> register("convolutions",
          new ImageReader(configuration.hidden(), configuration.dropout(), generator))::read;
    };
  }

  private Reader projected(FashionConfiguration configuration, Generator generator) {
    Linear projection = register("projection",
        new Linear(configuration.stepWidth(), configuration.hidden(), generator));
    return sequence -> {
      Tensor steps = projection.forward(sequence);
      return new SequenceReader.Reading(steps, mean(steps, 1, false));
    };
  }

  private Reader recurrent(FashionConfiguration configuration, Generator generator) {
    RecurrentOptions options = RecurrentOptions.of(configuration.stepWidth(), configuration.hidden())
        .withNumLayers(configuration.layers())
        .withBidirectional(configuration.bidirectional())
        .withDropout(configuration.dropout())
        .withBatchFirst(true);
    var recurrent = SequenceReader.make(
        configuration.cell(), options, configuration.batchNorm(), configuration.steps(), generator);
    register("recurrence", recurrent.recurrence());
    return recurrent::read;
  }

  private Encoder encoder(FashionConfiguration configuration, Generator generator) {
    int width = configuration.outputWidth();
    return switch (configuration.attention()) {
      case AttentionOption.Plain.NONE -> (read, _) -> new Encoded(read.last(), null);
      case AttentionOption.Plain.SOFT -> {
        Query query = query(configuration);
        yield asking(query, new SoftAttention(width, configuration.requireScore().score(), query, true, generator));
      }
      case AttentionOption.Plain.SPARSEMAX -> {
        Query query = query(configuration);
        yield asking(query, new SparseAttention(width, configuration.requireScore().score(), query, true, generator));
      }
      case AttentionOption.Hard hard -> {
        Query query = query(configuration);
        yield asking(query, new HardAttention(width, configuration.requireScore().score(), query, true,
            hard.selecting(generator), generator));
      }
      case AttentionOption.Plain.FEATURE -> {
        FeatureAttention attention = register("attention", new FeatureAttention(width, generator));
        yield (read, _) -> Encoded.of(attention.attend(read.last()));
      }
      case AttentionOption.Plain.SELF -> self(width, heads(configuration, generator));
      case AttentionOption.Plain.MULTIHEAD -> multihead(heads(configuration, generator));
    };
  }

  private static Query query(FashionConfiguration configuration) {
    boolean projects = configuration.network() == NetworkKind.RNN && configuration.cell() == CellKind.NONE;
    return projects ? Query.LEARNED : Query.LAST;
  }

  private Encoder asking(Query query, SequenceAttention attention) {
    register("attention", attention);
    return (read, _) ->
        Encoded.of(attention.forward(read.outputs(), query == Query.LAST ? read.last() : null, null));
  }

  private MultiHeadAttention heads(FashionConfiguration configuration, Generator generator) {
    MultiHeadOptions options =
        MultiHeadOptions.of(configuration.outputWidth(), configuration.requireHeads()).withBatchFirst(true);
    return register("attention", new MultiHeadAttention(options, generator));
  }

  private Encoder self(int width, MultiHeadAttention attention) {
    LayerNorm norm = register("norm", new LayerNorm(width));
    return (read, looking) -> {
      MultiHeadAttention.Output seen = attention.forward(read.outputs(), call(looking));
      Tensor become = mean(norm.forward(add(read.outputs(), seen.output())), 1, false);
      Tensor weights = seen.weights();
      return new Encoded(cat(List.of(become, read.last()), 1), weights == null ? null : mean(weights, 1, false));
    };
  }

  private static Encoder multihead(MultiHeadAttention attention) {
    return (read, looking) -> {
      Tensor outputs = read.outputs();
      MultiHeadAttention.Output seen = attention.forward(unsqueeze(read.last(), 1), outputs, outputs, call(looking));
      Tensor weights = seen.weights();
      return new Encoded(cat(List.of(squeeze(seen.output(), 1), read.last()), 1),
          weights == null ? null : squeeze(weights, 1));
    };
  }

  private static AttentionCall call(boolean looking) {
    return looking ? AttentionCall.PLAIN.weights(AttentionCall.Weights.AVERAGED) : AttentionCall.PLAIN;
  }

  /**
   * Scores every class.
   *
   * @param sequence REAL (batch, steps, width)
   * @return logits (batch, 10)
   */
  public Tensor forward(Tensor sequence) {
    return read(sequence, false).logits();
  }

  /**
   * Scores every class, and tells what was looked at.
   *
   * @param sequence REAL (batch, steps, width)
   */
  Reading read(Tensor sequence) {
    return read(sequence, true);
  }

  private Reading read(Tensor sequence, boolean looking) {
    Encoded encoded = encoder.encode(reader.read(sequence), looking);
    return new Reading(classifier.forward(encoded.vector()), encoded.weights());
  }
}
