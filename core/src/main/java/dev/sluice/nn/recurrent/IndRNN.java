package dev.sluice.nn.recurrent;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.Shaping;
import dev.sluice.nn.Initializer;
import dev.sluice.nn.ModuleList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Independently recurrent network (Li et al., arXiv 1803.04831): {@code h_t = act(W x_t + u * h_{t-1} + b)}, in which a
 * neuron sees of the state only itself, u being a vector. A hidden state alone is carried. Input weights start from
 * N(0, 0.01), recurrent ones at 1, biases at 0, unless {@link IndRNNOptions} say otherwise.
 *
 * <p>Parameters, with the circulating names and shapes: {@code cells.{k}.weight_ih} (H, inputs),
 * {@code cells.{k}.weight_hh} (H), which is u, and {@code cells.{k}.bias_ih} (H) of layer k; {@code cells_bi.{k}.*} of
 * its reverse direction; {@code bns.{k}.*} of its normalisation, over the features of both directions.
 *
 * <p>The code that circulates under this name (StefOe/indrnn-pytorch) does otherwise in what follows. There
 * <ul>
 * <li>bounds on recurrent weights hold the forward direction; here those of both directions, at every forward, as in
 *     the paper;
 * <li>a given initial state is ignored; here it is the start;
 * <li>the final states are those of the forward direction, (batch, layers * H); here, as an LSTM's, (layers *
 *     directions, batch, H) of both;
 * <li>an output of width 1 loses that dimension; here it does not;
 * <li>{@code cells_bi} exists without a second direction, and a buffer {@code h0} of zeros does; here neither, so that
 *     its state dictionary is loaded without being strict.
 * </ul>
 */
public final class IndRNN extends IndependentRecurrent {
  private final List<ModuleList<IndRNNCell>> directions = new ArrayList<>();

  /** One layer, one direction. */
  public IndRNN(int inputSize, int hiddenSize, Generator generator) {
    this(RecurrentOptions.of(inputSize, hiddenSize), generator);
  }

  /** Layers of one direction. */
  public IndRNN(int inputSize, int hiddenSize, int numLayers, Generator generator) {
    this(RecurrentOptions.of(inputSize, hiddenSize).withNumLayers(numLayers), generator);
  }

  /** All of torch.nn.LSTM's arguments in its order, of which projSize is to be 0; see {@link RecurrentOptions}. */
  public IndRNN(int inputSize, int hiddenSize, int numLayers, boolean bias, boolean batchFirst, double dropout,
      boolean bidirectional, int projSize, Generator generator) {
    this(new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize),
        generator);
  }

  /**
   * The circulating arguments in their order.
   *
   * @param batchNorm whether layers are normalised, over batch and time, after the activation
   * @param hiddenInits initial input weights of each layer; null for the default
   * @param recurrentInits initial recurrent weights of each layer; null for the default
   */
  public IndRNN(int inputSize, int hiddenSize, int numLayers, boolean batchNorm, boolean batchFirst,
      boolean bidirectional, @Nullable List<Initializer> hiddenInits, @Nullable List<Initializer> recurrentInits,
      Generator generator) {
    this(new RecurrentOptions(inputSize, hiddenSize, numLayers, true, batchFirst, 0, bidirectional, 0),
        circulating(batchNorm, hiddenInits, recurrentInits), generator);
  }

  /** With these options and {@link IndRNNOptions#DEFAULT}. */
  public IndRNN(RecurrentOptions options, Generator generator) {
    this(options, IndRNNOptions.DEFAULT, generator);
  }

  /**
   * With these options.
   *
   * @param generator draws the parameters, and what is dropped between layers
   */
  public IndRNN(RecurrentOptions options, IndRNNOptions settings, Generator generator) {
    super("indrnn", options, settings, generator);
    directions.add(register("cells", cells(generator)));
    if (options.bidirectional()) {
      directions.add(register("cells_bi", cells(generator)));
    }
    registerNorms();
  }

  /** The circulating constructors' choices among the settings. */
  static IndRNNOptions circulating(boolean batchNorm, @Nullable List<Initializer> hiddenInits,
      @Nullable List<Initializer> recurrentInits) {
    return IndRNNOptions.DEFAULT
        .withBatchNorm(batchNorm ? RecurrentBatchNorm.overSequence() : RecurrentBatchNorm.NONE)
        .withHiddenInit(hiddenInits == null ? IndRNNOptions.DEFAULT_HIDDEN_INIT : LayerInitializer.each(hiddenInits))
        .withRecurrentInit(
            recurrentInits == null ? IndRNNOptions.DEFAULT_RECURRENT_INIT : LayerInitializer.each(recurrentInits));
  }

  private ModuleList<IndRNNCell> cells(Generator generator) {
    List<IndRNNCell> cells = new ArrayList<>();
    for (int layer = 0; layer < options().numLayers(); layer++) {
      cells.add(new IndRNNCell(inputs(layer), options().hiddenSize(), options().bias(), settings(), layer,
          options().numLayers(), generator));
    }
    return new ModuleList<>(cells);
  }

  @Override
  Weights weights(int layer) {
    Weights forward = directions.getFirst().get(layer).weights();
    if (directions.size() == 1) {
      return forward;
    }
    Weights reverse = directions.getLast().get(layer).weights();
    Tensor bias = forward.bias();
    Tensor reverseBias = reverse.bias();
    return new Weights(both(forward.input(), reverse.input()), both(forward.recurrent(), reverse.recurrent()),
        bias == null || reverseBias == null ? null : both(bias, reverseBias));
  }

  private static Tensor both(Tensor forward, Tensor reverse) {
    return Shaping.cat(List.of(forward, reverse), 0);
  }
}
