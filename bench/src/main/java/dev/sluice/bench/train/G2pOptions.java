package dev.sluice.bench.train;

import static dev.sluice.bench.train.Configuration.positive;
import static dev.sluice.bench.train.Configuration.positiveNumber;
import static dev.sluice.bench.train.Configuration.require;

import dev.sluice.Generator;
import dev.sluice.nn.sequence.Attending;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How letters are to become phonemes, and how that is learned.
 *
 * @param model what makes a sequence of another
 * @param cell the recurrence of encoder and decoder; null for a transformer
 * @param attention of the decoder over the letters: soft, sparsemax, a hard one or multihead; null for a transformer
 * @param score of a letter's output against the decoder's; null for attention that has none
 * @param heads of a transformer's attention or of multihead attention, at least 1; null for any other
 * @param hidden width of an encoder's output, both directions together, and of the decoder; at least 2, even, and a
 *     multiple of the heads
 * @param layers of the encoder and of the decoder, at least 1
 * @param embedding width of the vector of a letter or a phoneme, at least 1; null for a transformer, in which it is
 *     that of all
 * @param dropout share of embeddings and outputs that is dropped in training, from 0 to below 1
 * @param labelSmoothing share of the target spread evenly over all phonemes in training, from 0 to below 1
 * @param clip how gradients are clipped
 * @param epochs times the training words are seen, at least 1
 * @param batch pronunciations in a step, at least 1
 * @param learningRate of Adam at first, above 0
 * @param beam hypotheses of a word that the test keeps, at least 1
 * @param lengthPenalty alpha of the length normalisation, at least 0
 * @param splitSeed of the hash that says which words are tested
 * @param limitTrain how many training words to use, at least 1; null for all
 * @param limitTest how many test words to use, at least 1; null for all
 */
record G2pOptions(
    ModelKind model,
    @Nullable CellKind cell,
    @Nullable AttentionOption attention,
    @Nullable ScoreKind score,
    @Nullable Integer heads,
    int hidden,
    int layers,
    @Nullable Integer embedding,
    double dropout,
    double labelSmoothing,
    ClipOption clip,
    int epochs,
    int batch,
    double learningRate,
    int beam,
    double lengthPenalty,
    long splitSeed,
    @Nullable Integer limitTrain,
    @Nullable Integer limitTest) {
  G2pOptions {
    require(cell != CellKind.NONE, "--cell is none, wanted a recurrence: without one the decoder has no memory");
    requireOf(ModelKind.RNN, model, "--cell", cell);
    requireOf(ModelKind.RNN, model, "--attention", attention);
    requireOf(ModelKind.RNN, model, "--embedding", embedding);
    requireAttention(attention, score, heads);
    positive("--heads", heads);
    require(hidden >= 2 && hidden % 2 == 0,
        "--hidden is " + hidden + ", wanted an even number, 2 or more: half of it for each direction");
    require(heads == null || hidden % heads == 0,
        "--hidden is " + hidden + " with --heads " + heads + ", wanted a multiple of the heads");
    positive("--layers", layers);
    positive("--embedding", embedding);
    require(dropout >= 0 && dropout < 1, "--dropout is " + dropout + ", wanted a number from 0 to below 1");
    require(labelSmoothing >= 0 && labelSmoothing < 1,
        "--label-smoothing is " + labelSmoothing + ", wanted a number from 0 to below 1");
    positive("--epochs", epochs);
    positive("--batch", batch);
    positiveNumber("--lr", learningRate);
    positive("--beam", beam);
    require(lengthPenalty >= 0 && Double.isFinite(lengthPenalty),
        "--length-penalty is " + lengthPenalty + ", wanted a finite number, 0 or more");
    positive("--limit-train", limitTrain);
    positive("--limit-test", limitTest);
  }

  /** Refuses what a kind of model lacks, or has not without being of that kind. */
  private static void requireOf(ModelKind kind, ModelKind model, String option, @Nullable Object value) {
    require(model == kind || value == null,
        option + " is " + value + " with --model " + model + ", which has none; wanted --model " + kind);
    require(model != kind || value != null, "--model " + model + " has no " + option);
  }

  /** Refuses what the attention lacks, or has not; that of a transformer is null. */
  private static void requireAttention(@Nullable AttentionOption attention, @Nullable ScoreKind score,
      @Nullable Integer heads) {
    boolean scores = attention != null && attention.hasScore();
    boolean hasHeads = attention == null || attention == AttentionOption.Plain.MULTIHEAD;
    require(scores || hasHeads, "--attention is " + attention + ", wanted soft, sparsemax, a hard one or multihead");
    require(scores || score == null, "--score is " + score + " with " + named(attention)
        + ", which has no scores; wanted --attention soft, sparsemax or a hard one");
    require(!scores || score != null, "--attention " + attention + " has no score");
    require(hasHeads || heads == null, "--heads is " + heads + " with " + named(attention)
        + ", which has none; wanted --attention multihead or --model transformer");
    require(!hasHeads || heads != null, named(attention) + " has no heads");
  }

  private static String named(@Nullable AttentionOption attention) {
    return attention == null ? "--model transformer" : "--attention " + attention;
  }

  /**
   * How a recurrent model's decoder attends.
   *
   * @param generator draws, where that is done
   */
  Attending attending(Generator generator) {
    AttentionOption kind = Objects.requireNonNull(attention, "only a recurrent model has a kind of attention");
    return kind == AttentionOption.Plain.MULTIHEAD ? Attending.byHeads(requireHeads())
        : Attending.by(requireScore().score(), kind.weighing(generator));
  }

  /** The recurrence of a recurrent model. */
  CellKind requireCell() {
    return Objects.requireNonNull(cell, "only a recurrent model has a cell");
  }

  private ScoreKind requireScore() {
    return Objects.requireNonNull(score, "only attention by scores has a score");
  }

  /** The width of a recurrent model's embeddings. */
  int requireEmbedding() {
    return Objects.requireNonNull(embedding, "only a recurrent model has embeddings of their own width");
  }

  /** The heads of a transformer's attention, or of multihead attention. */
  int requireHeads() {
    return Objects.requireNonNull(heads, "only a transformer and multihead attention have heads");
  }
}
