package dev.sluice.backend.reference;

import static dev.sluice.backend.reference.ReferenceBuffer.integers;
import static dev.sluice.backend.reference.ReferenceBuffer.reals;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.KernelSpec.Pass;
import dev.sluice.spi.Operand;
import dev.sluice.spi.ReductionKernels;
import dev.sluice.spi.ReductionSpec;
import java.util.List;

/**
 * {@code y[o,i]} = sum, mean, largest or smallest of {@code x[o,c,i]} over c; x (outer, count, inner), y (outer,
 * inner).
 */
final class ReferenceReduction implements ReductionKernels {
  @Override
  public void reduce(ReductionSpec spec, Buffer x, Buffer y) {
    ReferenceArguments.check("reduce", spec.operands(Pass.FORWARD), x, y);
    double[] elements = reals(x);
    double[] result = reals(y);
    for (int o = 0; o < spec.outer(); o++) {
      for (int i = 0; i < spec.inner(); i++) {
        result[o * spec.inner() + i] = reduce(spec, elements, o * spec.count() * spec.inner() + i);
      }
    }
  }

  private static double reduce(ReductionSpec spec, double[] elements, int start) {
    double result = switch (spec.op()) {
      case SUM, MEAN -> 0;
      case MAX -> Double.NEGATIVE_INFINITY;
      case MIN -> Double.POSITIVE_INFINITY;
    };
    for (int c = 0; c < spec.count(); c++) {
      double element = elements[start + c * spec.inner()];
      result = switch (spec.op()) {
        case SUM, MEAN -> result + element;
        case MAX -> Math.max(result, element);
        case MIN -> Math.min(result, element);
      };
    }
    return switch (spec.op()) {
      case SUM, MAX, MIN -> result;
      case MEAN -> result / spec.count();
    };
  }

  @Override
  public void reduceBackward(ReductionSpec spec, Buffer x, Buffer y, Buffer gradY, Buffer gradX) {
    ReferenceArguments.check("reduceBackward", spec.operands(Pass.BACKWARD), x, y, gradY, gradX);
    double[] elements = reals(x);
    double[] result = reals(y);
    double[] gradResult = reals(gradY);
    double[] gradElements = reals(gradX);
    for (int o = 0; o < spec.outer(); o++) {
      for (int i = 0; i < spec.inner(); i++) {
        int at = o * spec.inner() + i;
        reduceBackward(spec, elements, gradElements, o * spec.count() * spec.inner() + i, result[at], gradResult[at]);
      }
    }
  }

  private static void reduceBackward(ReductionSpec spec, double[] elements, double[] gradElements, int start,
      double result, double gradient) {
    int equals = 0;
    for (int c = 0; c < spec.count(); c++) {
      equals += elements[start + c * spec.inner()] == result ? 1 : 0;
    }
    for (int c = 0; c < spec.count(); c++) {
      int at = start + c * spec.inner();
      gradElements[at] = switch (spec.op()) {
        case SUM -> gradient;
        case MEAN -> gradient / spec.count();
        case MAX, MIN -> elements[at] == result ? gradient / equals : 0;
      };
    }
  }

  @Override
  public void argMax(ReductionSpec spec, Buffer x, Buffer indices) {
    List<Operand> operands = spec.operands(Pass.FORWARD);
    int results = spec.outer() * spec.inner();
    Operand indicesOperand = Operand.write("indices", results).of(ElementType.INT32);
    ReferenceArguments.check("argMax", List.of(operands.getFirst(), indicesOperand), x, indices);
    ReferenceArguments.require(spec.count() > 0 || results == 0, "argMax", "nothing to reduce", "1 element or more");
    double[] elements = reals(x);
    int[] result = integers(indices);
    for (int o = 0; o < spec.outer(); o++) {
      for (int i = 0; i < spec.inner(); i++) {
        int start = o * spec.count() * spec.inner() + i;
        int best = 0;
        for (int c = 1; c < spec.count(); c++) {
          double element = elements[start + c * spec.inner()];
          double largest = elements[start + best * spec.inner()];
          best = element > largest || (Double.isNaN(element) && !Double.isNaN(largest)) ? c : best;
        }
        result[o * spec.inner() + i] = best;
      }
    }
  }
}
