package dev.sluice.bench.peers;

import dev.sluice.bench.work.Inputs;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * As many square matrices of one width as a work has parameters.
 *
 * @param engine whose tensors they are
 * @param inputs of the work
 * @param count how many
 * @param width of each
 */
record Matrices<T>(Engine<T> engine, Inputs inputs, int count, int width) {
  /** Those drawn for an argument. */
  List<T> drawn(String argument) {
    return made(i -> inputs.uniform(argument + i, width * width, 1));
  }

  /** Zeros. */
  List<T> zeros() {
    return made(_ -> new float[width * width]);
  }

  /** A number for each, 0. */
  List<T> counts() {
    return counts(engine, count);
  }

  /** So many numbers, each 0. */
  static <T> List<T> counts(Engine<T> engine, int count) {
    return IntStream.range(0, count).mapToObj(_ -> engine.tensor(new float[1])).toList();
  }

  private List<T> made(IntFunction<float[]> values) {
    return IntStream.range(0, count).mapToObj(i -> engine.tensor(values.apply(i), width, width)).toList();
  }

  /** Lists one after the other. */
  @SafeVarargs
  @SuppressWarnings("varargs")
  static <T> List<T> joined(List<T>... lists) {
    return Stream.of(lists).flatMap(List::stream).toList();
  }
}
