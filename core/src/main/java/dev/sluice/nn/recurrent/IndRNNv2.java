package dev.sluice.nn.recurrent;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.autograd.Shaping;
import dev.sluice.nn.Initializer;
import dev.sluice.nn.Module;
import dev.sluice.nn.ModuleList;
import dev.sluice.nn.ParameterList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An {@link IndRNN} whose parameters hold both directions, with the arguments, names and shapes of the version that
 * circulates as IndRNNv2. For the same weights it gives the same outputs and gradients, to the bit: both run the same
 * kernel.
 *
 * <p>Parameters of layer k, of D directions, the forward one first: {@code cells_recurrent.{k}} (D*H), which is u;
 * {@code cells_hidden.{k}.weight} (D*H, inputs, 1), the input weights in the shape that a convolution of kernel 1 has
 * there, and {@code cells_hidden.{k}.bias} (D*H); {@code bns.{k}.*} of its normalisation.
 *
 * <p>The code that circulates under this name (StefOe/indrnn-pytorch) does otherwise in what follows. There
 * <ul>
 * <li>the bounds hold the input weights, and the recurrent ones are free; here they hold the recurrent ones, as in the
 *     paper;
 * <li>the reverse direction's output at a step is what it had after as many steps from the end, and the next layer
 *     reads the two so shifted; here both have read up to the same step;
 * <li>without bias there still is one, drawn and trained; here there is none;
 * <li>final states are (batch, layers * directions * H), which cannot be given as an initial state; here, as an LSTM's,
 *     (layers * directions, batch, H), which can;
 * <li>an output of width 1 loses that dimension; here it does not.
 * </ul>
 * A state dictionary of one direction fits; of two directions its weights fit, and mean what they do here in one layer.
 */
public final class IndRNNv2 extends IndependentRecurrent {
  /** The input weights of a layer. */
  private static final class Projection extends Module {
    private final boolean bias;

    Projection(Tensor weight, boolean bias) {
      this.bias = bias;
      parameter("weight", weight);
      if (bias) {
        parameter("bias", Tensor.zeros(weight.size(0)));
      }
    }

    Weights weights(WeightRules rules, Tensor recurrent) {
      Tensor weight = rules.clipped(parameter("weight"));
      return new Weights(Shaping.squeeze(weight, 2), rules.recurrent(recurrent),
          bias ? rules.clipped(parameter("bias")) : null);
    }
  }

  private final WeightRules rules;
  private final ParameterList recurrent;
  private final ModuleList<Projection> hidden;

  /** One layer, one direction. */
  public IndRNNv2(int inputSize, int hiddenSize, Generator generator) {
    this(RecurrentOptions.of(inputSize, hiddenSize), generator);
  }

  /** Layers of one direction. */
  public IndRNNv2(int inputSize, int hiddenSize, int numLayers, Generator generator) {
    this(RecurrentOptions.of(inputSize, hiddenSize).withNumLayers(numLayers), generator);
  }

  /** All of torch.nn.LSTM's arguments in its order, of which projSize is to be 0; see {@link RecurrentOptions}. */
  public IndRNNv2(int inputSize, int hiddenSize, int numLayers, boolean bias, boolean batchFirst, double dropout,
      boolean bidirectional, int projSize, Generator generator) {
    this(new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, projSize),
        generator);
  }

  /**
   * The circulating arguments in their order.
   *
   * @param batchNorm whether layers are normalised, over batch and time, after the activation
   * @param hiddenInits initial input weights of each layer, (D*H, inputs, 1); null for the default
   * @param recurrentInits initial recurrent weights of each layer, (D*H); null for the default
   * @param hiddenMinAbs see {@link IndRNNOptions}
   * @param hiddenMaxAbs see {@link IndRNNOptions}
   */
  public IndRNNv2(int inputSize, int hiddenSize, int numLayers, boolean batchNorm, boolean batchFirst,
      boolean bidirectional, boolean bias, @Nullable List<Initializer> hiddenInits,
      @Nullable List<Initializer> recurrentInits, Nonlinearity nonlinearity, double hiddenMinAbs, double hiddenMaxAbs,
      @Nullable GradientClip gradientClip, Generator generator) {
    this(new RecurrentOptions(inputSize, hiddenSize, numLayers, bias, batchFirst, 0, bidirectional, 0),
        IndRNN.circulating(batchNorm, hiddenInits, recurrentInits).withNonlinearity(nonlinearity)
            .withHiddenMaxAbs(hiddenMaxAbs).withHiddenMinAbs(hiddenMinAbs).withGradientClip(gradientClip),
        generator);
  }

  /** With these options and {@link IndRNNOptions#DEFAULT}. */
  public IndRNNv2(RecurrentOptions options, Generator generator) {
    this(options, IndRNNOptions.DEFAULT, generator);
  }

  /**
   * With these options.
   *
   * @param generator draws the parameters, and what is dropped between layers
   */
  public IndRNNv2(RecurrentOptions options, IndRNNOptions settings, Generator generator) {
    super("indrnnv2", options, settings, generator);
    this.rules = new WeightRules(settings);
    int layers = options.numLayers();
    List<Tensor> recurrents = new ArrayList<>();
    List<Projection> projections = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      Tensor weight = settings.hiddenWeights(layer, layers, generator, options.outputWidth(), inputs(layer), 1);
      projections.add(new Projection(weight, options.bias()));
      recurrents.add(settings.recurrentWeights(layer, layers, generator, options.outputWidth()));
    }
    this.recurrent = register("cells_recurrent", new ParameterList(recurrents));
    this.hidden = register("cells_hidden", new ModuleList<>(projections));
    for (int layer = 0; layer < layers; layer++) {
      rules.recurrent(recurrent.get(layer));
    }
    registerNorms();
  }

  @Override
  Weights weights(int layer) {
    return hidden.get(layer).weights(rules, recurrent.get(layer));
  }
}
