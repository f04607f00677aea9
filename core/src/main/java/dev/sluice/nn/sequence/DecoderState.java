package dev.sluice.nn.sequence;

import static dev.sluice.autograd.Shaping.indexSelect;

import dev.sluice.Tensor;
import dev.sluice.nn.recurrent.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where an {@link AttentionDecoder} stands: the state of its recurrence, and what it attends over.
 */
public final class DecoderState implements SearchState<DecoderState> {
  private final State recurrent;
  private final SourceAttention.Source source;
  /** The row of the first state that each row came from: rows of one origin attend over the same. */
  private final int[] origins;

  private DecoderState(State recurrent, SourceAttention.Source source, int[] origins) {
    this.recurrent = recurrent;
    this.source = source;
    this.origins = origins;
  }

  /** The first state of rows. */
  static DecoderState start(State recurrent, SourceAttention.Source source) {
    return new DecoderState(recurrent, source, IntStream.range(0, source.values().size(0)).toArray());
  }

  /** The same rows with another state of the recurrence. */
  DecoderState with(State other) {
    return new DecoderState(other, source, origins);
  }

  /** (layers, rows, width) each. */
  State recurrent() {
    return recurrent;
  }

  SourceAttention.Source source() {
    return source;
  }

  @Override
  public int rows() {
    return origins.length;
  }

  @Override
  public DecoderState select(int[] rows) {
    int[] selected = Arrays.stream(rows).map(row -> origins[row]).toArray();
    Tensor cell = recurrent.cell();
    State state =
        new State(indexSelect(recurrent.hidden(), 1, rows), cell == null ? null : indexSelect(cell, 1, rows));
    // As long as no source is done its hypotheses change places with one another, and attend over what they did.
    return new DecoderState(state, Arrays.equals(selected, origins) ? source : source.select(rows), selected);
  }

  @Override
  public List<Tensor> tensors() {
    List<Tensor> tensors = new ArrayList<>(source.tensors());
    tensors.add(recurrent.hidden());
    if (recurrent.cell() != null) {
      tensors.add(recurrent.cell());
    }
    return tensors;
  }
}
