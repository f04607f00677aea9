package dev.sluice.nn.recurrent;

import dev.sluice.Tensor;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Module;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recurrences one after the other that pass on more than their outputs. Each is registered under its position.
 */
public abstract class RecurrentStack extends Module {
  /**
   * What a stack makes of a sequence.
   *
   * @param output as of the last recurrence, 0 past a row's length
   * @param states the final state of each recurrence
   */
  public record Output(Tensor output, List<State> states) {
    /** A copy of the list. */
    public Output {
      states = List.copyOf(states);
    }
  }

  private final String name;
  private final List<Recurrent> blocks;
  private final RecurrentOptions first;

  RecurrentStack(String name, List<? extends Recurrent> blocks) {
    Arguments.require(!blocks.isEmpty(), name, "there is no block", "one or more");
    this.name = name;
    this.blocks = List.copyOf(blocks);
    this.first = blocks.getFirst().options();
    int width = first.inputSize();
    for (int i = 0; i < blocks.size(); i++) {
      RecurrentOptions options = blocks.get(i).options();
      Arguments.require(options.batchFirst() == first.batchFirst(), name, "batchFirst of block " + i + " is "
          + options.batchFirst(), first.batchFirst() + " as of block 0");
      Arguments.require(options.inputSize() == width, name, "inputSize of block " + i + " is " + options.inputSize(),
          width + ", the width of what comes before");
      width = width(i, width, options.outputWidth());
      register(Integer.toString(i), blocks.get(i));
    }
  }

  /** The width after a block, which it checks. */
  abstract int width(int block, int before, int output);

  /** What goes on, of what came into a block and what it made of it. */
  abstract Tensor joined(Tensor before, Tensor output);

  /** What messages call this. */
  final String name() {
    return name;
  }

  /** The recurrences, in their order. */
  public final List<Recurrent> blocks() {
    return blocks;
  }

  /** {@link #forward(Tensor, List, Tensor)} from states of zeros, over all steps. */
  public final Output forward(Tensor input) {
    return forward(input, null, null);
  }

  /** {@link #forward(Tensor, List, Tensor)} over all steps. */
  public final Output forward(Tensor input, @Nullable List<State> states) {
    return forward(input, states, null);
  }

  /**
   * Runs over sequences; see {@link Recurrent#forward(Tensor, State, Tensor)}.
   *
   * @param input REAL (steps, batch, width), (batch, steps, width) if batch first, or (steps, width)
   * @param states where each recurrence starts; null for zeros
   * @param lengths INT32 (batch), how many steps of each row are valid; null for all; not with unbatched input
   */
  public final Output forward(Tensor input, @Nullable List<State> states, @Nullable Tensor lengths) {
    Arguments.require(states == null || states.size() == blocks.size(), name,
        "states are " + (states == null ? 0 : states.size()), blocks.size() + ", one for each block");
    Tensor sequence = lengths == null ? input : withoutPadding(input, lengths);
    List<State> finals = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      Recurrent.Output result = blocks.get(i).forward(sequence, states == null ? null : states.get(i), lengths);
      finals.add(result.state());
      sequence = joined(sequence, result.output());
    }
    return new Output(sequence, finals);
  }

  /** What is not valid is passed on too, beside or under an output that is 0 there. */
  private Tensor withoutPadding(Tensor input, Tensor lengths) {
    Arguments.require(input.rank() == 3, name, "lengths is given with input of shape " + input.shape(),
        "three dimensions");
    int batch = input.size(first.batchFirst() ? 0 : 1);
    Arguments.lengths(name, lengths, batch);
    return new Steps(name, input.shape(), first.batchFirst(), lengths).withoutPadding(input);
  }
}
