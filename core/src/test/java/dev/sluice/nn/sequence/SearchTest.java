package dev.sluice.nn.sequence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.testing.FiniteDifferences;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Searches over decoders whose probabilities are drawn at random for each prefix. */
class SearchTest {
  private static final Backend REFERENCE = FiniteDifferences.backend();
  private static final int BEGIN = 3;
  private static final int END = 0;
  private static final int VOCABULARY = 4;
  private static final int POSITIONS = 2;

  /** What each row has read, its source's number first. */
  private record Read(List<List<Integer>> prefixes) implements SearchState<Read> {
    static Read sources(int count) {
      return new Read(IntStream.range(0, count).mapToObj(List::of).toList());
    }

    @Override
    public int rows() {
      return prefixes.size();
    }

    @Override
    public Read select(int[] rows) {
      return new Read(Arrays.stream(rows).mapToObj(prefixes::get).toList());
    }

    @Override
    public List<Tensor> tensors() {
      return List.of();
    }
  }

  /** Log-probabilities that a seed draws for each prefix; that of what begins is 0. */
  private record Drawn(long seed, boolean weights) implements StepDecoder<Read> {
    @Override
    public Step<Read> step(Read state, int[] tokens) {
      List<List<Integer>> read = new ArrayList<>();
      double[] all = new double[tokens.length * VOCABULARY];
      for (int row = 0; row < tokens.length; row++) {
        List<Integer> prefix = new ArrayList<>(state.prefixes().get(row));
        prefix.add(tokens[row]);
        read.add(prefix);
        System.arraycopy(after(prefix), 0, all, row * VOCABULARY, VOCABULARY);
      }
      Tensor attended = !weights ? null : Tensor.of(REFERENCE,
          read.stream().flatMap(prefix -> List.of((double) prefix.getFirst(), (double) prefix.getLast()).stream())
              .mapToDouble(Double::doubleValue).toArray(), tokens.length, POSITIONS);
      return new Step<>(Tensor.of(REFERENCE, all, tokens.length, VOCABULARY), attended, new Read(read));
    }

    double[] after(List<Integer> prefix) {
      var random = new SplittableRandom(seed + prefix.hashCode());
      double[] odds = new double[VOCABULARY];
      for (int token = 0; token < BEGIN; token++) {
        odds[token] = random.nextDouble();
      }
      double sum = Arrays.stream(odds).sum();
      return Arrays.stream(odds).map(odd -> Math.log(odd / sum)).toArray();
    }
  }

  private static SearchOptions options(int maxLength) {
    return SearchOptions.of(BEGIN, END, maxLength);
  }

  /** Every hypothesis of a source there is, by score. */
  private static List<Hypothesis> enumerate(Drawn decoder, int source, SearchOptions options) {
    List<Hypothesis> all = new ArrayList<>();
    enumerate(decoder, new ArrayList<>(List.of(source, BEGIN)), 0, options, all);
    all.sort(Comparator.comparingDouble(Hypothesis::score).reversed());
    return all;
  }

  private static void enumerate(Drawn decoder, List<Integer> prefix, double before, SearchOptions options,
      List<Hypothesis> all) {
    List<Integer> tokens = prefix.subList(2, prefix.size());
    if (tokens.size() == options.maxLength()) {
      all.add(new Hypothesis(tokens, false, before, options.score(before, tokens.size()), List.of()));
      return;
    }
    double[] after = decoder.after(prefix);
    double ended = before + after[END];
    all.add(new Hypothesis(tokens, true, ended, options.score(ended, tokens.size() + 1), List.of()));
    for (int token = 1; token < BEGIN; token++) {
      List<Integer> longer = new ArrayList<>(prefix);
      longer.add(token);
      enumerate(decoder, longer, before + after[token], options, all);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "1, 0.7", "2, 1.5", "3, 0", "3, 1", "4, 2"})
  void aBeamWideEnoughFindsEverything(int maxLength, double penalty) {
    int width = (1 << maxLength + 1) - 1;
    for (long seed = 0; seed < 5; seed++) {
      var decoder = new Drawn(seed, false);
      SearchOptions options = options(maxLength).withLengthPenalty(penalty).withWidth(width);
      List<List<Hypothesis>> found = Search.beam(decoder, Read.sources(3), options);
      for (int source = 0; source < 3; source++) {
        assertEquals(enumerate(decoder, source, options), found.get(source));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 9})
  void aBeamOfOneFindsWhatGreedySearchFinds(int maxLength) {
    for (long seed = 0; seed < 20; seed++) {
      var decoder = new Drawn(seed, false);
      SearchOptions options = options(maxLength).withLengthPenalty(0.5);
      List<Hypothesis> greedy = Search.greedy(decoder, Read.sources(7), options);
      assertEquals(greedy.stream().map(List::of).toList(), Search.beam(decoder, Read.sources(7), options));
      for (int source = 0; source < 7; source++) {
        List<Integer> prefix = new ArrayList<>(List.of(source, BEGIN));
        double logProbability = 0;
        int token = -1;
        for (int length = 0; length < maxLength && token != END; length++) {
          double[] after = decoder.after(prefix);
          token = after[0] >= after[1] && after[0] >= after[2] ? 0 : after[1] >= after[2] ? 1 : 2;
          logProbability += after[token];
          prefix.add(token);
        }
        Hypothesis found = greedy.get(source);
        assertEquals(prefix.subList(2, prefix.size() - (token == END ? 1 : 0)), found.tokens());
        assertEquals(token == END, found.ended());
        assertEquals(logProbability, found.logProbability(), 1e-12);
        assertEquals(logProbability / Math.pow((5 + prefix.size() - 2) / 6.0, 0.5), found.score(), 1e-12);
      }
    }
  }

  /** Sources in one batch, of which some are done earlier, are found as by themselves; and a wider beam finds more. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void rowsDoNotMeet(int width) {
    var decoder = new Drawn(11, false);
    SearchOptions options = options(6).withWidth(width).withLengthPenalty(1);
    List<List<Hypothesis>> together = Search.beam(decoder, Read.sources(9), options);
    for (int source = 0; source < 9; source++) {
      List<Hypothesis> alone = Search.beam(decoder, new Read(List.of(List.of(source))), options).getFirst();
      assertEquals(alone, together.get(source));
      assertEquals(width, alone.size());
      assertEquals(width, new HashSet<>(alone.stream().map(Hypothesis::tokens).toList()).size());
      for (int i = 1; i < width; i++) {
        assertTrue(alone.get(i - 1).score() >= alone.get(i).score());
      }
    }
  }

  @Test
  void aLengthPenaltyPrefersTheLonger() {
    // Ends at once with 0.5; else says 1 and then ends with 0.8, or says 2 with 0.2.
    StepDecoder<Read> decoder = (state, tokens) -> new StepDecoder.Step<>(Tensor.of(REFERENCE,
        tokens[0] == BEGIN ? logs(0.5, 0.5, 0, 0) : logs(0.8, 0, 0.2, 0), 1, VOCABULARY), null, state);
    SearchOptions options = options(3).withWidth(2);
    assertEquals(List.of(), Search.beam(decoder, Read.sources(1), options).getFirst().getFirst().tokens());
    assertEquals(List.of(1), Search.beam(decoder, Read.sources(1), options.withLengthPenalty(2.5)).getFirst()
        .getFirst().tokens());
  }

  private static double[] logs(double... probabilities) {
    return Arrays.stream(probabilities).map(Math::log).toArray();
  }

  @Test
  void theScoreIsThePapers() {
    SearchOptions options = options(9);
    assertEquals(-3, options.score(-3, 4));
    assertEquals(-3 / 1.5, options.withLengthPenalty(1).score(-3, 4), 1e-12);
    assertEquals(-3 / Math.sqrt(2), options.withLengthPenalty(0.5).score(-3, 7), 1e-12);
  }

  @Test
  void weightsComeWithEachTokenAndTheEnd() {
    var decoder = new Drawn(2, true);
    for (List<Hypothesis> found : Search.beam(decoder, Read.sources(4), options(5).withWidth(3))) {
      for (Hypothesis each : found) {
        assertEquals(each.tokens().size() + (each.ended() ? 1 : 0), each.weights().size());
        for (int i = 0; i < each.weights().size(); i++) {
          float[] weights = each.weights().get(i);
          assertEquals(POSITIONS, weights.length);
          assertEquals(i == 0 ? BEGIN : each.tokens().get(i - 1), weights[1]);
        }
      }
    }
    List<Hypothesis> greedy = Search.greedy(decoder, Read.sources(2), options(5));
    assertArrayEquals(new float[] {1, BEGIN}, greedy.get(1).weights().getFirst());
    assertTrue(Search.greedy(new Drawn(2, false), Read.sources(1), options(5)).getFirst().weights().isEmpty());
  }

  @Test
  void whatDoesNotEndIsCutOff() {
    StepDecoder<Read> endless = (state, tokens) -> new StepDecoder.Step<>(
        Tensor.of(REFERENCE, logs(0, 0.75, 0.25, 0), 1, VOCABULARY), null, state);
    Hypothesis found = Search.greedy(endless, Read.sources(1), options(3)).getFirst();
    assertEquals(List.of(1, 1, 1), found.tokens());
    assertFalse(found.ended());
    assertEquals(3 * Math.log(0.75), found.logProbability(), 1e-12);
  }

  @Test
  void nothingIsFoundOfNoRows() {
    assertEquals(List.of(), Search.greedy(new Drawn(1, false), Read.sources(0), options(3)));
    assertEquals(List.of(), Search.beam(new Drawn(1, false), Read.sources(0), options(3)));
  }

  @Test
  void badArgumentsAreRefused() {
    assertRefused("search: begin is -1, wanted 0 or more", () -> SearchOptions.of(-1, 0, 1));
    assertRefused("search: end is -1, wanted 0 or more", () -> SearchOptions.of(0, -1, 1));
    assertRefused("search: maxLength is 0, wanted 1 or more", () -> SearchOptions.of(0, 0, 0));
    assertRefused("search: width is 0, wanted 1 or more", () -> options(1).withWidth(0));
    assertRefused("search: lengthPenalty is -1.0, wanted a finite number, 0 or more",
        () -> options(1).withLengthPenalty(-1));
    assertRefused("search: lengthPenalty is NaN, wanted a finite number, 0 or more",
        () -> options(1).withLengthPenalty(Double.NaN));
    assertRefused("search: begin is 3 and end is 4, wanted tokens of a vocabulary of 4",
        () -> Search.greedy(new Drawn(1, false), Read.sources(1), SearchOptions.of(BEGIN, 4, 2)));
    StepDecoder<Read> broken = (state, tokens) -> new StepDecoder.Step<>(
        Tensor.of(REFERENCE, new double[] {0, 0, Double.NaN, 0}, 1, VOCABULARY), null, state);
    assertEquals("search: the log-probability of token 2 is NaN", assertThrows(IllegalStateException.class,
        () -> Search.beam(broken, Read.sources(1), options(2))).getMessage());
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
