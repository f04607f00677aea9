package dev.sluice.nn.sequence;

import dev.sluice.Scope;
import dev.sluice.Tape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Finds likely sequences, in all rows of a batch at once. Nothing is recorded on the tape; each step's memory is given
 * back but for the state that the next one needs. A module is set to evaluating beforehand.
 */
public final class Search {
  private Search() {}

  /**
   * The most likely token at each step, the lowest of equals, until the end is it: one hypothesis for each row.
   *
   * @param start where the decoder stands in each row
   * @param options width is not used
   * @throws IllegalStateException if a log-probability is NaN
   */
  public static <S extends SearchState<S>> List<Hypothesis> greedy(StepDecoder<S> decoder, S start,
      SearchOptions options) {
    return run(decoder, start, options, (live, reading, next, found) -> {
      for (int row = 0; row < live.size(); row++) {
        Live each = live.get(row);
        int token = reading.best(row);
        Prefix prefix = reading.extend(each.prefix(), row, token);
        if (token == options.end()) {
          found.get(each.source()).add(prefix.found(true, options));
        } else {
          next.add(new Next(row, each.source(), prefix));
        }
      }
    }).stream().map(List::getFirst).toList();
  }

  /**
   * Beam search. At each step the likeliest continuations of a row's live hypotheses stay, as many as the width less
   * the hypotheses that ended; those that end leave the beam. Of equals those of the likelier hypothesis, and of it
   * those of the lower token, stay. A width of 1 finds what {@link #greedy} finds.
   *
   * @param start where the decoder stands in each row
   * @return for each row one hypothesis or more, at most as many as the width, by their score, the best first
   * @throws IllegalStateException if a log-probability is NaN
   */
  public static <S extends SearchState<S>> List<List<Hypothesis>> beam(StepDecoder<S> decoder, S start,
      SearchOptions options) {
    List<List<Hypothesis>> all = run(decoder, start, options, (live, reading, next, found) -> {
      for (int from = 0, to; from < live.size(); from = to) {
        int source = live.get(from).source();
        to = from;
        while (to < live.size() && live.get(to).source() == source) {
          to++;
        }
        List<Hypothesis> ended = found.get(source);
        Candidates best = best(live, reading, from, to, options.width() - ended.size());
        for (int place = 0; place < best.size(); place++) {
          int row = best.row(place);
          Prefix prefix = reading.extend(live.get(row).prefix(), row, best.token(place));
          if (best.token(place) == options.end()) {
            ended.add(prefix.found(true, options));
          } else {
            next.add(new Next(row, source, prefix));
          }
        }
      }
    });
    all.forEach(found -> found.sort(Comparator.comparingDouble(Hypothesis::score).reversed()));
    return all;
  }

  /** A hypothesis that goes on, and the row of the batch that it is of. */
  private record Live(int source, Prefix prefix) {}

  /** One that goes on from a row of the step before. */
  private record Next(int row, int source, Prefix prefix) {}

  /** Decides on a step's numbers which hypotheses go on, those of one source together, and which were found. */
  private interface Decision {
    void decide(List<Live> live, StepReading reading, List<Next> next, List<List<Hypothesis>> found);
  }

  private static <S extends SearchState<S>> List<List<Hypothesis>> run(StepDecoder<S> decoder, S start,
      SearchOptions options, Decision decision) {
    List<List<Hypothesis>> found = each(start.rows(), _ -> new ArrayList<>());
    List<Live> live = each(start.rows(), row -> new Live(row, Prefix.begin(options)));
    S state = start;
    try (Tape.NoGrad _ = Tape.noGrad()) {
      for (int length = 0; length < options.maxLength() && !live.isEmpty(); length++) {
        try (Scope scope = Scope.open()) {
          StepDecoder.Step<S> step =
              decoder.step(state, live.stream().mapToInt(each -> each.prefix().token()).toArray());
          List<Next> next = new ArrayList<>();
          decision.decide(live, new StepReading(step, options), next, found);
          state = selected(step.state(), next.stream().mapToInt(Next::row).toArray());
          state.tensors().forEach(scope::keep);
          live = next.stream().map(each -> new Live(each.source(), each.prefix())).toList();
        }
      }
    }
    live.forEach(each -> found.get(each.source()).add(each.prefix().found(false, options)));
    return found;
  }

  private static <S extends SearchState<S>> S selected(S state, int[] rows) {
    boolean all = rows.length == state.rows() && IntStream.range(0, rows.length).allMatch(row -> rows[row] == row);
    return all || rows.length == 0 ? state : state.select(rows);
  }

  /** What a source's rows, from one to before another, are best gone on with; what cannot be is left out. */
  private static Candidates best(List<Live> live, StepReading reading, int from, int to, int most) {
    Candidates best = new Candidates(most);
    for (int row = from; row < to; row++) {
      double before = live.get(row).prefix().logProbability();
      for (int token = 0; token < reading.vocabulary(); token++) {
        double value = before + reading.logProbability(row, token);
        if (value > Double.NEGATIVE_INFINITY) {
          best.offer(value, row, token);
        }
      }
    }
    return best;
  }

  private static <T> List<T> each(int rows, Function<Integer, T> make) {
    List<T> list = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      list.add(make.apply(row));
    }
    return list;
  }
}
