package dev.sluice.cuda.kernel;

import static dev.sluice.cuda.CudaBuffer.flags;
import static dev.sluice.cuda.CudaBuffer.flagsOrNull;
import static dev.sluice.cuda.CudaBuffer.readIntsOrNull;
import static dev.sluice.cuda.CudaBuffer.reals;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.Selection;
import dev.sluice.spi.SelectionSpec;
import dev.sluice.spi.SoftmaxKernels;
import dev.sluice.spi.SoftmaxSpec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Softmax, its logarithm, sparsemax and selections, row by row. */
public final class CudaSoftmax implements SoftmaxKernels {
  private final Device device;
  private final Kernel softmax;
  private final Kernel softmaxBackward;
  private final Kernel sparsemax;
  private final Kernel sparsemaxBackward;
  private final Kernel select;
  private final Kernel selectBackward;

  /** The kernels of a device. */
  public CudaSoftmax(Device device) {
    this.device = device;
    softmax = device.kernel("softmax_forward");
    softmaxBackward = device.kernel("softmax_backward");
    sparsemax = device.kernel("sparsemax_forward");
    sparsemaxBackward = device.kernel("sparsemax_backward");
    select = device.kernel("selection_forward");
    selectBackward = device.kernel("selection_backward");
  }

  @Override
  public void softmax(SoftmaxSpec spec, Buffer x, @Nullable Buffer mask, @Nullable Buffer lengths, Buffer y) {
    CudaBuffer elements = reals(x);
    CudaBuffer taking = flagsOrNull(mask);
    CudaBuffer counts = lengths("softmax", spec, lengths);
    CudaBuffer result = reals(y);
    RowTeams teams = RowTeams.of(device, spec.rows(), spec.width());
    teams.run(start(softmax, spec).flag(spec.log()).flag(teams.byBlock()).buffer(elements).buffer(taking)
        .buffer(counts).buffer(result));
  }

  @Override
  public void softmaxBackward(SoftmaxSpec spec, Buffer y, @Nullable Buffer mask, @Nullable Buffer lengths, Buffer gradY,
      Buffer gradX) {
    CudaBuffer result = reals(y);
    CudaBuffer taking = flagsOrNull(mask);
    CudaBuffer counts = lengths("softmaxBackward", spec, lengths);
    CudaBuffer gradResult = reals(gradY);
    CudaBuffer gradElements = reals(gradX);
    RowTeams teams = RowTeams.of(device, spec.rows(), spec.width());
    teams.run(start(softmaxBackward, spec).flag(spec.log()).flag(teams.byBlock()).buffer(result).buffer(taking)
        .buffer(counts).buffer(gradResult).buffer(gradElements));
  }

  @Override
  public void sparsemax(SoftmaxSpec spec, Buffer x, @Nullable Buffer mask, @Nullable Buffer lengths, Buffer y) {
    CudaBuffer elements = reals(x);
    CudaBuffer taking = flagsOrNull(mask);
    CudaBuffer counts = lengths("sparsemax", spec, lengths);
    CudaBuffer result = reals(y);
    RowTeams teams = RowTeams.of(device, spec.rows(), spec.width());
    teams.run(start(sparsemax, spec).flag(teams.byBlock()).buffer(elements).buffer(taking).buffer(counts)
        .buffer(result));
  }

  @Override
  public void sparsemaxBackward(SoftmaxSpec spec, Buffer y, @Nullable Buffer mask, @Nullable Buffer lengths,
      Buffer gradY, Buffer gradX) {
    CudaBuffer result = reals(y);
    CudaBuffer taking = flagsOrNull(mask);
    CudaBuffer counts = lengths("sparsemaxBackward", spec, lengths);
    CudaBuffer gradResult = reals(gradY);
    CudaBuffer gradElements = reals(gradX);
    RowTeams teams = RowTeams.of(device, spec.rows(), spec.width());
    teams.run(start(sparsemaxBackward, spec).flag(teams.byBlock()).buffer(result).buffer(taking).buffer(counts)
        .buffer(gradResult).buffer(gradElements));
  }

  @Override
  public void select(SelectionSpec spec, Buffer weights, @Nullable Buffer predicate, Buffer selected, Buffer kept) {
    CudaBuffer all = reals(weights);
    CudaBuffer given = flagsOrNull(predicate);
    CudaBuffer result = reals(selected);
    CudaBuffer keeps = flags(kept);
    int predicateStep = 0;
    if (spec.selection() instanceof Selection.Predicate chosen) {
      Objects.requireNonNull(given);
      predicateStep = chosen.layout().row();
    }
    RowTeams teams = RowTeams.of(device, spec.rows(), spec.width());
    teams.run(select.start().integers(Choice.of(spec.selection())).integer(spec.rows()).integer(spec.width())
        .flag(teams.byBlock()).integer(predicateStep).buffer(all).buffer(given).buffer(result).buffer(keeps));
  }

  @Override
  public void selectBackward(SelectionSpec spec, Buffer weights, Buffer kept, Buffer gradSelected, Buffer gradWeights) {
    CudaBuffer all = reals(weights);
    CudaBuffer keeps = flags(kept);
    CudaBuffer gradResult = reals(gradSelected);
    CudaBuffer gradAll = reals(gradWeights);
    RowTeams teams = RowTeams.of(device, spec.rows(), spec.width());
    teams.run(selectBackward.start().integer(spec.rows()).integer(spec.width()).flag(teams.byBlock())
        .flag(spec.selection().picksOne()).flag(spec.selection().renormalises()).buffer(all).buffer(keeps)
        .buffer(gradResult).buffer(gradAll));
  }

  /** Starts a kernel with what all forms of softmax begin with. */
  private static Launch start(Kernel kernel, SoftmaxSpec spec) {
    return kernel.start().integer(spec.rows()).integer(spec.width()).integer(spec.rowsPerLength());
  }

  private static @Nullable CudaBuffer lengths(String operation, SoftmaxSpec spec, @Nullable Buffer lengths) {
    CudaBuffer counts = readIntsOrNull(lengths);
    if (counts != null) {
      Lengths.check(operation, counts, spec.rows() / spec.rowsPerLength(), spec.width());
    }
    return counts;
  }
}
