package dev.sluice.cuda.kernel;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Gemm;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentSpec;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the calls of {@link CudaRecurrent} have in common: the device's kernels for them, and how these are started. */
final class RecurrentTools {
  private static final int THREADS = 128;

  /**
   * A cell's kernels.
   *
   * @param layout what they agree on
   * @param step one step
   * @param stepBackward one step back
   * @param run all steps
   * @param runBackward all steps back
   */
  record CellKernels(CellLayout layout, Kernel step, Kernel stepBackward, Kernel run, Kernel runBackward) {
    static CellKernels of(Device device, RecurrentCell cell) {
      String name = cell.name().toLowerCase(Locale.ROOT);
      return new CellKernels(CellLayout.of(cell), device.kernel(name + "_step"), device.kernel(name + "_step_backward"),
          device.kernel(name + "_run"), device.kernel(name + "_run_backward"));
    }
  }

  private final Device device;
  private final ColumnSums sums;
  private final Map<RecurrentCell, CellKernels> cells = new EnumMap<>(RecurrentCell.class);
  private final Kernel state;
  private final Kernel valid;
  private final Kernel clear;
  private final Kernel previous;
  private final Kernel project;
  private final Kernel projectBackward;

  RecurrentTools(Device device, ColumnSums sums) {
    this.device = device;
    this.sums = sums;
    for (RecurrentCell cell : RecurrentCell.values()) {
      cells.put(cell, CellKernels.of(device, cell));
    }
    state = device.kernel("recurrence_state");
    valid = device.kernel("recurrence_valid");
    previous = device.kernel("recurrence_previous");
    clear = device.kernel("gru_clear");
    project = device.kernel("lstm_project");
    projectBackward = device.kernel("lstm_project_backward");
  }

  int multiprocessors() {
    return device.multiprocessors();
  }

  Gemm gemm() {
    return device.gemm();
  }

  ColumnSums sums() {
    return sums;
  }

  CellKernels cell(RecurrentSpec spec) {
    return cells.get(spec.cell());
  }

  CudaBuffer scratch(int length) {
    return device.scratch(ElementType.REAL, length);
  }

  /** Starts a kernel whose first argument is the recurrence. */
  private static Launch start(Kernel kernel, RecurrentSpec spec) {
    return kernel.start().integers(spec.steps(), spec.batch(), spec.hiddenWidth(), spec.outputWidth(),
        spec.batchFirst() ? 1 : 0, spec.reverse() ? 1 : 0, spec.directions(), spec.direction());
  }

  /** Starts a kernel of all steps. */
  static Launch startRun(Kernel kernel, RecurrentSpec spec) {
    return start(kernel, spec).real(spec.beta());
  }

  /** Starts a kernel of one step, which is to end with {@link #run}. */
  static Launch startStep(Kernel kernel, RecurrentSpec spec, int time) {
    return start(kernel, spec).integer(time).real(spec.beta());
  }

  /** Runs a kernel over so many elements. */
  void run(Launch launch, int elements) {
    launch.run(device.blocks(elements, THREADS), THREADS);
  }

  /** The input itself, where all of it counts; else, to be closed, a copy with zeros past the lengths. */
  @Nullable CudaBuffer valid(RecurrentSpec spec, CudaBuffer input, @Nullable CudaBuffer lengths) {
    if (lengths == null) {
      return null;
    }
    int elements = spec.steps() * spec.batch() * spec.inputWidth();
    CudaBuffer copy = scratch(elements);
    run(start(valid, spec).integer(spec.inputWidth()).buffer(lengths).buffer(input).buffer(copy), elements);
    return copy;
  }

  /** This direction's rows of states, or zeros, to target. */
  void state(RecurrentSpec spec, int width, @Nullable CudaBuffer initial, CudaBuffer target, int offset) {
    int elements = spec.batch() * width;
    run(state.start().integer(elements).buffer(initial, spec.stateOffset(0, width)).buffer(target, offset), elements);
  }

  /** Makes room for what a GRU's steps add up apart. */
  void clear(RecurrentSpec spec, CudaBuffer gates) {
    int places = spec.steps() * spec.batch();
    run(clear.start().integer(places).integer(spec.hiddenWidth()).buffer(gates), places * spec.hiddenWidth());
  }

  /** The hidden state that each place's step read, (places, outputWidth). */
  void previous(RecurrentSpec spec, @Nullable CudaBuffer lengths, CudaBuffer output, @Nullable CudaBuffer initial,
      CudaBuffer target) {
    run(start(previous, spec).buffer(lengths).buffer(output)
        .buffer(initial, spec.stateOffset(0, spec.outputWidth())).buffer(target),
        spec.steps() * spec.batch() * spec.outputWidth());
  }

  /** A projected step's hidden state to the state and the output. */
  void project(RecurrentSpec spec, int time, @Nullable CudaBuffer lengths, CudaBuffer projected, CudaBuffer hidden,
      CudaBuffer output) {
    run(start(project, spec).integer(time).buffer(lengths).buffer(projected)
        .buffer(hidden, spec.stateOffset(0, spec.outputWidth())).buffer(output), spec.batch() * spec.outputWidth());
  }

  /** The gradient of a projected step's hidden state to its place; the running one becomes 0. */
  void projectBackward(RecurrentSpec spec, int time, @Nullable CudaBuffer lengths, @Nullable CudaBuffer gradOutput,
      CudaBuffer gradHidden, int gradHiddenOffset, CudaBuffer gradProjected) {
    run(start(projectBackward, spec).integer(time).buffer(lengths).buffer(gradOutput)
        .buffer(gradHidden, gradHiddenOffset).buffer(gradProjected), spec.batch() * spec.outputWidth());
  }
}
