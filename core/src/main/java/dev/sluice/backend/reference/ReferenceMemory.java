package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.booleans;
import static dev.sluice.backend.reference.ReferenceBuffer.integers;
import static dev.sluice.backend.reference.ReferenceBuffer.reals;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.FillSpec;
import dev.sluice.spi.KernelSpec.Pass;
import dev.sluice.spi.MemoryKernels;
import java.util.Arrays;

/**
 * Filling and strided copies: {@code target[to(i)] = source[from(i)]} for every index i of the shape.
 *
 * <p>Numbers of the spec enter by lines of their own, where the float twin rounds them.
 */
final class ReferenceMemory implements MemoryKernels {
  @Override
  public void fill(FillSpec spec, Buffer target) {
    ReferenceArguments.check("fill", spec.operands(Pass.FORWARD), target);
    double value = spec.value();
    switch (spec.type()) {
      case REAL -> Arrays.fill(reals(target), 0, spec.length(), value);
      case INT32 -> Arrays.fill(integers(target), 0, spec.length(), (int) spec.value());
      case BOOL -> Arrays.fill(booleans(target), 0, spec.length(), value == 1);
    }
  }

  @Override
  public void copy(CopySpec spec, Buffer source, Buffer target) {
    ReferenceArguments.check("copy", spec.operands(Pass.FORWARD), source, target);
    int count = ReferenceStrides.count(spec.shape());
    for (int i = 0; i < count; i++) {
      int from = spec.sourceOffset() + ReferenceStrides.offset(i, spec.shape(), spec.sourceStrides());
      int to = spec.targetOffset() + ReferenceStrides.offset(i, spec.shape(), spec.targetStrides());
      switch (spec.type()) {
        case REAL -> copyReal(spec, reals(source)[from], reals(target), to);
        case INT32 -> integers(target)[to] = integers(source)[from];
        case BOOL -> booleans(target)[to] = booleans(source)[from];
      }
    }
  }

  private static void copyReal(CopySpec spec, double element, double[] target, int to) {
    double scale = spec.scale();
    target[to] = spec.accumulate() ? target[to] + scale * element : scale * element;
  }
}
