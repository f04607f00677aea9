package dev.sluice.nn.attention;

import static dev.sluice.autograd.Attention.multiHeadAttention;
import static dev.sluice.autograd.Products.linear;
import static dev.sluice.autograd.Products.packedLinear;
import static dev.sluice.autograd.Reductions.mean;
import static dev.sluice.autograd.Shaping.cat;
import static dev.sluice.autograd.Shaping.chunk;
import static dev.sluice.autograd.Shaping.expand;
import static dev.sluice.autograd.Shaping.permute;
import static dev.sluice.autograd.Shaping.reshape;
import static dev.sluice.autograd.Shaping.squeeze;
import static dev.sluice.autograd.Shaping.unsqueeze;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.autograd.AttentionOptions;
import dev.sluice.autograd.AttentionResult;
import dev.sluice.autograd.Selecting;
import dev.sluice.checks.Arguments;
import dev.sluice.nn.Init;
import dev.sluice.nn.Layer;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.nn.attention.AttentionCall.Weights;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attention of several heads, as torch.nn.MultiheadAttention: query, key and value are projected to E columns, of which
 * each head takes its share, attends by scaled products, and what the heads give, side by side, is projected once more
 * (Vaswani et al., arXiv 1706.03762). A query whose keys are all masked out attends to nothing: its weights are 0, with
 * weights returned or without. With a {@link Selecting} it is hard attention.
 *
 * <p>Parameters: {@code in_proj_weight} (3E, E), of query, key and value one below the other, or, where keys or values
 * have another width, {@code q_proj_weight} (E, E), {@code k_proj_weight} (E, kdim) and {@code v_proj_weight} (E,
 * vdim), drawn by {@link Init#xavierUniform}; {@code in_proj_bias} (3E), 0 at first; {@code bias_k} and {@code bias_v}
 * (1, 1, E), drawn by {@link Init#xavierNormal}; {@code out_proj.weight} (E, E), drawn as that of {@link Linear}, and
 * {@code out_proj.bias} (E), 0 at first.
 */
public final class MultiHeadAttention extends Module implements Layer {
  private static final String NAME = "multiHeadAttention";
  private static final List<String> SEPARATE = List.of("q_proj_weight", "k_proj_weight", "v_proj_weight");

  private final MultiHeadOptions options;
  private final Generator generator;
  private final Linear outProj;

  /**
   * What attention computed; gradients flow through both.
   *
   * @param output (batch, queries, E) or (queries, batch, E), as the query is laid out; unbatched (queries, E)
   * @param weights after dropout, (batch, queries, keys) or (batch, heads, queries, keys), unbatched without the batch;
   *     null unless asked for
   */
  public record Output(Tensor output, @Nullable Tensor weights) {}

  /**
   * Keys and values as {@link #project} projected them to all heads; gradients flow through both.
   *
   * @param keys (batch, keys, E) if batch first, else (keys, batch, E)
   * @param values of the keys' shape
   */
  public record Projected(Tensor keys, Tensor values) {}

  /** Of one width, with biases, without dropout, the length first. */
  public MultiHeadAttention(int embedDim, int numHeads, Generator generator) {
    this(MultiHeadOptions.of(embedDim, numHeads), generator);
  }

  /**
   * As the options say.
   *
   * @param generator of the initial values, then of dropout
   */
  public MultiHeadAttention(MultiHeadOptions options, Generator generator) {
    this.options = options;
    this.generator = generator;
    int width = options.embedDim();
    if (options.packed()) {
      parameter("in_proj_weight", Init.xavierUniform(Tensor.zeros(3 * width, width), 1, generator));
    } else {
      int[] widths = {width, options.kdim(), options.vdim()};
      for (int i = 0; i < widths.length; i++) {
        parameter(SEPARATE.get(i), Init.xavierUniform(Tensor.zeros(width, widths[i]), 1, generator));
      }
    }
    if (options.bias()) {
      parameter("in_proj_bias", Tensor.zeros(3 * width));
    }
    if (options.addBiasKv()) {
      parameter("bias_k", Init.xavierNormal(Tensor.zeros(1, 1, width), 1, generator));
      parameter("bias_v", Init.xavierNormal(Tensor.zeros(1, 1, width), 1, generator));
    }
    outProj = register("out_proj", new Linear(width, width, options.bias(), generator));
    Tensor bias = outProj.bias();
    if (bias != null) {
      bias.fill(0);
    }
  }

  /** What it was made with. */
  public MultiHeadOptions options() {
    return options;
  }

  /** Self-attention: {@link #forward(Tensor, Tensor, Tensor)} of the input as all three. */
  @Override
  public Tensor forward(Tensor input) {
    return forward(input, input, input);
  }

  /** Self-attention: {@link #forward(Tensor, Tensor, Tensor, AttentionCall)} of the input as all three. */
  public Output forward(Tensor input, AttentionCall call) {
    return forward(input, input, input, call);
  }

  /** The output of every query over every key. */
  public Tensor forward(Tensor query, Tensor key, Tensor value) {
    return forward(query, key, value, AttentionCall.PLAIN).output();
  }

  /**
   * Attends.
   *
   * @param query REAL (batch, queries, E) if batch first, else (queries, batch, E); unbatched (queries, E)
   * @param key REAL (batch, keys, kdim), (keys, batch, kdim) or (keys, kdim)
   * @param value REAL (batch, keys, vdim), (keys, batch, vdim) or (keys, vdim)
   */
  public Output forward(Tensor query, Tensor key, Tensor value, AttentionCall call) {
    requireSequence("query", query, options.embedDim());
    requireKeysAndValues(key, value);
    boolean unbatched = query.rank() == 2;
    boolean batchFirst = unbatched || options.batchFirst();
    int batch = unbatched ? 1 : query.size(batchDimension());
    Arguments.require(key.rank() == query.rank() && (unbatched || key.size(batchDimension()) == batch), NAME,
        "key has shape " + key.shape() + " for a query " + query.shape(), "as many dimensions and the same batch");
    int length = unbatched ? 0 : lengthDimension();
    requireMasks(call, query, batch, query.size(length), key.size(length));
    if (!unbatched) {
      List<Tensor> three = project(0, query, key, value);
      return attend(three.get(0), three.get(1), three.get(2), batchFirst, call);
    }
    List<Tensor> three = project(0, unsqueeze(query, 0), unsqueeze(key, 0), unsqueeze(value, 0));
    Output output = attend(three.get(0), three.get(1), three.get(2), batchFirst, call);
    Tensor weights = output.weights();
    return new Output(squeeze(output.output(), 0), weights == null ? null : squeeze(weights, 0));
  }

  /**
   * Projects keys and values once, for queries that come one after another.
   *
   * @param key REAL (batch, keys, kdim) if batch first, else (keys, batch, kdim)
   * @param value REAL (batch, keys, vdim), or (keys, batch, vdim)
   */
  public Projected project(Tensor key, Tensor value) {
    requireKeysAndValues(key, value);
    Arguments.require(key.rank() == 3, NAME, "key has shape " + key.shape(), "a batch");
    List<Tensor> projected = project(1, key, value);
    return new Projected(projected.get(0), projected.get(1));
  }

  /**
   * {@link #forward(Tensor, Tensor, Tensor, AttentionCall)} over keys and values that are projected already.
   *
   * @param query REAL (batch, queries, E) if batch first, else (queries, batch, E)
   */
  public Output forward(Tensor query, Projected over, AttentionCall call) {
    requireSequence("query", query, options.embedDim());
    Tensor keys = over.keys();
    Arguments.require(query.rank() == 3 && query.size(batchDimension()) == keys.size(batchDimension()), NAME,
        "query has shape " + query.shape(), "a batch of " + keys.size(batchDimension()));
    requireMasks(call, query, query.size(batchDimension()), query.size(lengthDimension()),
        keys.size(lengthDimension()));
    return attend(project(0, query).getFirst(), keys, over.values(), options.batchFirst(), call);
  }

  // ---------------------------------------------------------------- step by step

  /**
   * An empty cache for keys and values of so many sequences.
   *
   * @param batch 0 or more
   * @param capacity for how many positions, 0 or more
   */
  public KeyValueCache cache(int batch, int capacity) {
    return new KeyValueCache(outProj.weight().backend(), capacity, batch, options.embedDim());
  }

  /**
   * A full cache of these keys and values, for attending over the same ones several times.
   *
   * @param key REAL (batch, keys, kdim), or (keys, batch, kdim)
   * @param value REAL (batch, keys, vdim), or (keys, batch, vdim)
   */
  public KeyValueCache cache(Tensor key, Tensor value) {
    requireKeysAndValues(key, value);
    Arguments.require(key.rank() == 3, NAME, "key has shape " + key.shape(), "a batch");
    KeyValueCache cache = cache(key.size(batchDimension()), key.size(lengthDimension()));
    extend(cache, key, value);
    return cache;
  }

  /**
   * Adds the keys and values of further positions to a cache; nothing is recorded.
   *
   * @param key REAL (batch, added, kdim), or (added, batch, kdim)
   * @param value REAL (batch, added, vdim), or (added, batch, vdim)
   */
  public void extend(KeyValueCache cache, Tensor key, Tensor value) {
    requireKeysAndValues(key, value);
    Arguments.require(key.rank() == 3 && key.size(batchDimension()) == cache.batch(), NAME,
        "key has shape " + key.shape(), "a batch of " + cache.batch());
    requireWidth(cache);
    cache.requireRoom(key.size(lengthDimension()));
    try (Tape.NoGrad _ = Tape.noGrad()) {
      List<Tensor> projected = project(1, key, value);
      cache.append(projected.get(0), projected.get(1), options.batchFirst());
    }
  }

  /**
   * Attends over what is in a cache. After {@link #extend} by the queries' own positions,
   * {@link dev.sluice.spi.AttentionSpec.Causal#BOTTOM_RIGHT} lets each query see the positions up to its own.
   *
   * @param query REAL (batch, queries, E) if batch first, else (queries, batch, E)
   */
  public Output forward(Tensor query, KeyValueCache cache, AttentionCall call) {
    requireSequence("query", query, options.embedDim());
    Arguments.require(query.rank() == 3 && query.size(batchDimension()) == cache.batch(), NAME,
        "query has shape " + query.shape(), "a batch of " + cache.batch());
    requireWidth(cache);
    requireMasks(call, query, cache.batch(), query.size(lengthDimension()), cache.length());
    Tensor projected = project(0, query).getFirst();
    Output output = attend(swapped(projected), cache.keys(), cache.values(), false, call);
    return new Output(swapped(output.output()), output.weights());
  }

  /** From this layer's layout to the length first, and back: the same elements in the same order for one position. */
  private Tensor swapped(Tensor x) {
    if (!options.batchFirst()) {
      return x;
    }
    return x.size(0) == 1 || x.size(1) == 1 ? reshape(x, x.size(1), x.size(0), x.size(2)) : permute(x, 1, 0, 2);
  }

  // ---------------------------------------------------------------- computing

  /** Projects to the columns of all heads: query, key and value, or those of them from the first on. */
  private List<Tensor> project(int first, Tensor... inputs) {
    int width = options.embedDim();
    List<Tensor> biases = !options.bias() ? List.of()
        : chunk(parameter("in_proj_bias"), 3, 0).subList(first, first + inputs.length);
    if (options.packed()) {
      return packedLinear(List.of(inputs), parameter("in_proj_weight"), biases, width, first);
    }
    List<Tensor> projected = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      projected.add(linear(inputs[i], parameter(SEPARATE.get(first + i)), biases.isEmpty() ? null : biases.get(i)));
    }
    return projected;
  }

  /** Of projected query, key and value. */
  private Output attend(Tensor query, Tensor key, Tensor value, boolean batchFirst, AttentionCall call) {
    int length = batchFirst ? 1 : 0;
    int keys = key.size(length);
    Tensor allKeys = withAdded("bias_k", key, length);
    Tensor allValues = withAdded("bias_v", value, length);
    Masks masks = Masks.of(call, query, query.size(1 - length), options.numHeads(), query.size(length), keys,
        allKeys.size(length) - keys);
    Selecting selecting = isTraining() ? options.selecting() : options.selecting().evaluating();
    AttentionOptions attention = AttentionOptions.NONE.causal(masks.causal()).selecting(selecting);
    attention = masks.allowed() == null ? attention : attention.mask(masks.allowed());
    attention = masks.bias() == null ? attention : attention.bias(masks.bias());
    attention = call.lengths() == null ? attention : attention.lengths(call.lengths());
    attention = isTraining() ? attention.dropout(options.dropout(), generator) : attention;
    attention = call.weights() == Weights.NONE ? attention : attention.withWeights();
    AttentionResult result =
        multiHeadAttention(query, allKeys, allValues, options.numHeads(), batchFirst, attention);
    Tensor weights = result.weights();
    return new Output(outProj.forward(result.output()),
        weights == null || call.weights() == Weights.PER_HEAD ? weights : mean(weights, 1, false));
  }

  /** Keys or values and, behind them, those that the options add. */
  private Tensor withAdded(String bias, Tensor x, int length) {
    List<Tensor> parts = new ArrayList<>(List.of(x));
    Shape one = x.shape().with(length, 1);
    if (options.addBiasKv()) {
      parts.add(expand(parameter(bias), one.toArray()));
    }
    if (options.addZeroAttn()) {
      parts.add(Tensor.full(x.backend(), one, 0));
    }
    return parts.size() == 1 ? x : cat(parts, length);
  }

  // ---------------------------------------------------------------- checking

  private int batchDimension() {
    return options.batchFirst() ? 0 : 1;
  }

  private int lengthDimension() {
    return options.batchFirst() ? 1 : 0;
  }

  private void requireKeysAndValues(Tensor key, Tensor value) {
    requireSequence("key", key, options.kdim());
    requireSequence("value", value, options.vdim());
    Shape wanted = key.shape().slice(0, key.rank() - 1);
    Arguments.require(value.rank() == key.rank() && value.shape().slice(0, key.rank() - 1).equals(wanted), NAME,
        "value has shape " + value.shape(), wanted + " and its width, as the key has");
  }

  private void requireSequence(String argument, Tensor tensor, int width) {
    Arguments.require((tensor.rank() == 2 || tensor.rank() == 3) && tensor.size(-1) == width, NAME,
        argument + " has shape " + tensor.shape(), (options.batchFirst() ? "(batch, length, " : "(length, batch, ")
            + width + ") or (length, " + width + ")");
  }

  private void requireWidth(KeyValueCache cache) {
    Arguments.require(cache.width() == options.embedDim(), NAME, "cache has width " + cache.width(),
        "" + options.embedDim());
  }

  private void requireMasks(AttentionCall call, Tensor query, int batch, int queries, int keys) {
    Tensor padding = call.keyPaddingMask();
    if (padding != null) {
      Arguments.shape(NAME, "keyPaddingMask", padding, query.rank() == 2 ? Shape.of(keys) : Shape.of(batch, keys));
      requireBackend("keyPaddingMask", padding, query);
    }
    Tensor mask = call.attnMask();
    if (mask != null) {
      Shape shared = Shape.of(queries, keys);
      Shape perHead = Shape.of(batch * options.numHeads(), queries, keys);
      Arguments.require(mask.shape().equals(shared) || mask.shape().equals(perHead), NAME,
          "attnMask has shape " + mask.shape(), shared + " or " + perHead);
      requireBackend("attnMask", mask, query);
    }
    Tensor lengths = call.lengths();
    if (lengths != null) {
      Arguments.require(query.rank() == 3, NAME, "lengths is given with an unbatched query", "a batch");
      Arguments.shape(NAME, "lengths", lengths, Shape.of(batch));
      Arguments.require(!options.addBiasKv() && !options.addZeroAttn(), NAME,
          "lengths is given where keys are added behind the others", "a keyPaddingMask");
      requireBackend("lengths", lengths, query);
    }
  }

  private static void requireBackend(String argument, Tensor mask, Tensor query) {
    Arguments.require(mask.backend() == query.backend(), NAME, argument + " is on " + mask.backend().id(),
        query.backend().id() + " as the query; move it with to(backend)");
  }
}
