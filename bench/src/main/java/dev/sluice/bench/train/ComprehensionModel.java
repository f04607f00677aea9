package dev.sluice.bench.train;

import static dev.sluice.autograd.Arithmetic.add;
import static dev.sluice.autograd.Arithmetic.mul;
import static dev.sluice.autograd.Attention.scaledDotProductAttention;
import static dev.sluice.autograd.Shaping.cat;
import static dev.sluice.autograd.Shaping.expand;
import static dev.sluice.autograd.Shaping.reshape;
import static dev.sluice.autograd.Shaping.select;
import static dev.sluice.autograd.Shaping.squeeze;
import static dev.sluice.autograd.Shaping.unsqueeze;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.AttentionOptions;
import dev.sluice.autograd.AttentionResult;
import dev.sluice.autograd.Pointwise;
import dev.sluice.bench.story.Stories;
import dev.sluice.bench.story.Vocabulary;
import dev.sluice.nn.Embedding;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.nn.Sequential;
import dev.sluice.nn.recurrent.Recurrent;
import dev.sluice.nn.recurrent.RecurrentOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Questions about stories in, scores of the candidate answers out.
 *
 * <p>One recurrence makes a vector of the words of each sentence, and of the question: a bag of words would do for
 * these sentences, but not tell who did what to whom. A second recurrence of two directions reads the sentences'
 * vectors, before it knows the question; its outputs are added to them, so that a sentence knows what came before it
 * and whether it was overtaken by what came after: attention alone has no order. The sentences are the queries of an
 * attention over the candidates: the key of a candidate is {@code (1 + W question + b) * (U word + c)}, so that the
 * question decides what of the word counts, and its value a projection of its word. What a sentence says stands beside
 * what it saw there.
 *
 * <p>These pairs are read by one more recurrence, or weighed by the question, which looks at the sentences once or more
 * often, each look moved on by what the last one read.
 *
 * <p>Children: {@code words}, {@code sentence}, {@code story}, {@code answer}; with attention {@code query}, {@code
 * key_question}, {@code key_candidate} and {@code value}; then {@code gather}, or {@code hop0} and so on, which make
 * the question of each look.
 */
final class ComprehensionModel extends Module {
  private static final AttentionOptions WEIGHED = AttentionOptions.NONE.withWeights();

  /**
   * What the model made of a batch.
   *
   * @param logits (batch, candidates)
   * @param candidateWeights (batch, sentences, candidates), how much each sentence looked at each candidate; null
   *     without attention
   * @param sentenceWeights of each look of the question (batch, sentences), how much it looked at each sentence
   */
  record Reading(Tensor logits, @Nullable Tensor candidateWeights, List<Tensor> sentenceWeights) {}

  /** What is read of a story (batch, features) for a question, with the weights on the way. */
  private record Read(Tensor features, @Nullable Tensor candidateWeights, List<Tensor> sentenceWeights) {}

  private final int hidden;
  private final StoryAttentionKind kind;
  private final Embedding words;
  private final Recurrent sentence;
  private final Recurrent story;
  private final @Nullable Linear query;
  private final @Nullable Linear keyQuestion;
  private final @Nullable Linear keyCandidate;
  private final @Nullable Linear value;
  private final @Nullable Recurrent gather;
  private final List<Linear> hops;
  private final Sequential answer;

  /**
   * Makes the layers.
   *
   * @param generator draws the initial values
   */
  ComprehensionModel(ComprehensionConfiguration configuration, Generator generator) {
    hidden = configuration.hidden();
    kind = configuration.attention();
    int width = configuration.embedding();
    words = register("words", new Embedding(Vocabulary.size(), width, 0, generator));
    sentence = register("sentence", reader(configuration.cell(), RecurrentOptions.of(width, hidden),
        Vocabulary.MOST_WORDS, generator));
    story = register("story", reader(configuration.cell(),
        RecurrentOptions.of(hidden, hidden / 2).withBidirectional(true), Stories.MOST_SENTENCES, generator));
    boolean attends = kind != StoryAttentionKind.NONE;
    query = attends ? register("query", new Linear(hidden, hidden, generator)) : null;
    keyQuestion = attends ? register("key_question", new Linear(hidden, hidden, generator)) : null;
    keyCandidate = attends ? register("key_candidate", new Linear(width, hidden, generator)) : null;
    value = attends ? register("value", new Linear(width, hidden, generator)) : null;
    gather = kind == StoryAttentionKind.CANDIDATES ? register("gather", reader(configuration.cell(),
        RecurrentOptions.of(2 * hidden, hidden), Stories.MOST_SENTENCES, generator)) : null;
    boolean asks = kind == StoryAttentionKind.QUESTION;
    hops = IntStream.range(0, asks ? configuration.hops() : 0)
        .mapToObj(hop -> register("hop" + hop, new Linear(hop == 0 ? hidden : 3 * hidden, hidden, generator))).toList();
    answer = register("answer", new Sequential(new Linear(asks ? 3 * hidden : 2 * hidden, hidden, generator),
        Pointwise::relu, new Linear(hidden, Vocabulary.CANDIDATES.size(), generator)));
  }

  private static Recurrent reader(CellKind cell, RecurrentOptions options, int steps, Generator generator) {
    return SequenceReader.make(cell, options.withBatchFirst(true), BatchNormKind.NONE, steps, generator).recurrence();
  }

  /** Scores every candidate for every question of a batch whose numbers are on the model's backend. */
  Reading forward(StoryTensors batch) {
    int size = batch.storyLengths().size(0);
    int most = Stories.MOST_SENTENCES;
    Tensor sentences = reshape(read(batch.sentences(), batch.sentenceLengths()), size, most, hidden);
    Tensor question = read(batch.asked(), batch.askedLengths());
    Recurrent.Output reading = story.forward(sentences, null, batch.storyLengths());
    Tensor told = add(sentences, reading.output());
    Read read = switch (kind) {
      case NONE -> new Read(atEnds(reading), null, List.of());
      case CANDIDATES -> {
        AttentionResult seen = look(told, question);
        Tensor both = cat(List.of(told, seen.output()), 2);
        Recurrent.Output gathered = Objects.requireNonNull(gather).forward(both, null, batch.storyLengths());
        yield new Read(squeeze(gathered.state().hidden(), 0), seen.weights(), List.of());
      }
      case QUESTION -> ask(told, look(told, question), question, batch.storyLengths());
    };
    Tensor logits = answer.forward(cat(List.of(read.features(), question), 1));
    return new Reading(logits, read.candidateWeights(), read.sentenceWeights());
  }

  /** The vectors (rows, hidden) of texts (rows, words). */
  private Tensor read(Tensor texts, Tensor lengths) {
    return squeeze(sentence.forward(words.forward(texts), null, lengths).state().hidden(), 0);
  }

  /** The last state of both directions, side by side. */
  private static Tensor atEnds(Recurrent.Output reading) {
    Tensor states = reading.state().hidden();
    return cat(List.of(select(states, 0, 0), select(states, 0, 1)), 1);
  }

  /** The sentences (batch, sentences, hidden) over the candidates: what each saw, with its weights. */
  private AttentionResult look(Tensor sentences, Tensor question) {
    int size = question.size(0);
    int candidates = Vocabulary.CANDIDATES.size();
    Tensor names = words.forward(candidates(question));
    Tensor changes = add(Objects.requireNonNull(keyQuestion).forward(question), 1);
    Tensor keys = mul(unsqueeze(changes, 1), Objects.requireNonNull(keyCandidate).forward(names));
    Tensor values = expand(Objects.requireNonNull(value).forward(names), size, candidates, hidden);
    return scaledDotProductAttention(Objects.requireNonNull(query).forward(sentences), keys, values, WEIGHED);
  }

  /** The words of the candidates (candidates), each of which is one. */
  private static Tensor candidates(Tensor beside) {
    int[] indices = Vocabulary.CANDIDATES.stream().mapToInt(name -> Vocabulary.indices(name)[0]).toArray();
    return Tensor.of(beside.backend(), indices, indices.length);
  }

  /** The question over the sentences (batch, sentences, hidden), once or more. */
  private Read ask(Tensor sentences, AttentionResult seen, Tensor question, Tensor lengths) {
    Tensor values = cat(List.of(sentences, seen.output()), 2);
    AttentionOptions options = WEIGHED.lengths(lengths);
    List<Tensor> weights = new ArrayList<>();
    Tensor asking = question;
    Tensor read = null;
    for (Linear hop : hops) {
      Tensor features = read == null ? asking : cat(List.of(read, asking), 1);
      asking = hop.forward(features);
      AttentionResult result = scaledDotProductAttention(unsqueeze(asking, 1), sentences, values, options);
      read = squeeze(result.output(), 1);
      weights.add(squeeze(Objects.requireNonNull(result.weights()), 1));
    }
    return new Read(Objects.requireNonNull(read), seen.weights(), weights);
  }
}
