package dev.sluice.nn;

import dev.sluice.Tensor;
import dev.sluice.autograd.Normalization;
import dev.sluice.checks.Arguments;
import dev.sluice.spi.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = (x - mean) / sqrt(variance + eps) * weight + bias} of each feature, as torch.nn.BatchNorm1d (Ioffe and
 * Szegedy, arXiv 1502.03167). In training mean and biased variance are those of the batch, and the running ones move
 * towards the mean and the unbiased variance; in evaluation the running ones are used.
 *
 * <p>Parameters, if affine: {@code weight} (features), 1 at first, and {@code bias} (features), 0 at first. Buffers, if
 * statistics are tracked: {@code running_mean} (features), 0 at first, {@code running_var} (features), 1 at first, and
 * {@code num_batches_tracked}, an INT32 scalar.
 */
public final class BatchNorm1d extends Module implements Layer {
  /** PyTorch's eps. */
  public static final double DEFAULT_EPS = 1e-5;

  /** PyTorch's momentum. */
  public static final double DEFAULT_MOMENTUM = 0.1;

  private final int features;
  private final double eps;
  private final @Nullable Double momentum;
  private final boolean affine;
  private final boolean trackRunningStats;

  /** With eps 1e-5, momentum 0.1, weight and bias, and running statistics. */
  public BatchNorm1d(int features) {
    this(features, DEFAULT_EPS, DEFAULT_MOMENTUM, true, true);
  }

  /**
   * With all of torch.nn.BatchNorm1d's arguments in its order.
   *
   * @param features how many features, 1 or more
   * @param eps added to the variance, 0 or more
   * @param momentum share of a batch's statistic in the running one, 0 to 1; null for the average over all batches
   * @param affine whether there are a weight and a bias
   * @param trackRunningStats whether there are running statistics; without them evaluation takes the batch's too
   */
  public BatchNorm1d(int features, double eps, @Nullable Double momentum, boolean affine, boolean trackRunningStats) {
    Arguments.positive("batchNorm1d", "features", features);
    Arguments.require(eps >= 0, "batchNorm1d", "eps is " + eps, "0 or more");
    Arguments.require(momentum == null || momentum >= 0 && momentum <= 1, "batchNorm1d", "momentum is " + momentum,
        "0 to 1, or null");
    this.features = features;
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    if (affine) {
      parameter("weight", Tensor.ones(features));
      parameter("bias", Tensor.zeros(features));
    }
    if (trackRunningStats) {
      buffer("running_mean", Tensor.zeros(features));
      buffer("running_var", Tensor.ones(features));
      buffer("num_batches_tracked", Tensor.of(new int[] {0}));
    }
  }

  /** (features), or null. */
  public @Nullable Tensor weight() {
    return affine ? parameter("weight") : null;
  }

  /** (features), or null. */
  public @Nullable Tensor bias() {
    return affine ? parameter("bias") : null;
  }

  /** (features), or null. */
  public @Nullable Tensor runningMean() {
    return trackRunningStats ? buffer("running_mean") : null;
  }

  /** (features), or null. */
  public @Nullable Tensor runningVar() {
    return trackRunningStats ? buffer("running_var") : null;
  }

  /** {@link #forward(Tensor, Tensor)} with all positions. */
  @Override
  public Tensor forward(Tensor input) {
    return forward(input, null);
  }

  /**
   * Normalizes.
   *
   * @param input REAL (batch, features) or (batch, features, length)
   * @param mask BOOL (batch) or (batch, length): which positions take part; the others are not read and give 0; null
   *     for all. Where the batch's statistics are used, two positions or more take part.
   * @return of the input's shape
   */
  public Tensor forward(Tensor input, @Nullable Tensor mask) {
    Arguments.require((input.rank() == 2 || input.rank() == 3) && input.size(1) == features, "batchNorm1d",
        "input has shape " + input.shape(), "(batch, " + features + ") or (batch, " + features + ", length)");
    Arguments.require(mask == null || mask.type() == ElementType.BOOL && mask.shape().equals(input.shape().without(1)),
        "batchNorm1d", mask == null ? "" : "mask is " + mask.type() + " " + mask.shape(),
        "BOOL " + input.shape().without(1));
    Arguments.require(input.type() == ElementType.REAL, "batchNorm1d", "input is " + input.type(), "REAL");
    Tensor statistics = runningMean();
    Arguments.require((statistics == null || statistics.backend() == input.backend())
        && (mask == null || mask.backend() == input.backend()), "batchNorm1d",
        "input is on " + input.backend().id(), "input, mask and this layer on one backend; move them with to(backend)");
    boolean batchStatistics = isTraining() || !trackRunningStats;
    int positions = batchStatistics ? positions(input, mask) : 0;
    Arguments.require(!batchStatistics || positions > 1, "batchNorm1d", "positions are " + positions,
        "2 or more to take statistics over");
    return Normalization.batchNorm(input, runningMean(), runningVar(), weight(), bias(), mask, batchStatistics,
        isTraining() && trackRunningStats ? share() : 0, eps);
  }

  private static int positions(Tensor input, @Nullable Tensor mask) {
    if (mask == null) {
      return input.elements() / input.size(1);
    }
    int positions = 0;
    for (boolean takesPart : mask.toBooleans()) {
      positions += takesPart ? 1 : 0;
    }
    return positions;
  }

  /** Counts a batch, and says which share of it goes into the running statistics. */
  private double share() {
    Tensor tracked = buffer("num_batches_tracked");
    int batches = tracked.toInts()[0] + 1;
    tracked.fill(batches);
    return momentum == null ? 1.0 / batches : momentum;
  }
}
