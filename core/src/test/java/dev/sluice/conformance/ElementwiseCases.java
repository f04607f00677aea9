package dev.sluice.conformance;

import dev.sluice.spi.BinaryOp;
import dev.sluice.spi.BinarySpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.KernelSpec;
import dev.sluice.spi.LogicalOp;
import dev.sluice.spi.LogicalSpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Functions of one and two elements, value and gradient: every operation x size or kind of broadcasting x which
 * gradients are wanted; and those of two truth values. Ordinary inputs lie where the function is defined; the special
 * ones lie everywhere.
 */
final class ElementwiseCases {
  private static final String FAMILY = "elementwise";

  /** How two arguments meet. */
  private record Meeting(String name, int[] shape, int[] left, int[] right) {}

  private ElementwiseCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (UnaryOp op : UnaryOp.values()) {
      for (double[] parameters : parameters(op)) {
        String suffix = parameters[0] == 0 && parameters[1] == 0 ? "" : " " + Arrays.toString(parameters);
        for (int length : Awkward.SIZES) {
          UnarySpec spec = new UnarySpec(op, length, parameters[0], parameters[1]);
          cases.add(Case.of(FAMILY, "unary " + op, length + suffix, bench -> unary(bench, spec)));
        }
        UnarySpec spec = new UnarySpec(op, 99, parameters[0], parameters[1]);
        cases.add(Case.special(FAMILY, "unary " + op, "99" + suffix, bench -> unary(bench, spec)));
      }
    }
    for (BinaryOp op : BinaryOp.values()) {
      for (Meeting meeting : meetings()) {
        BinarySpec spec = new BinarySpec(op, meeting.shape(), meeting.left(), meeting.right());
        for (int wanted = 0; wanted < 4; wanted++) {
          int gradients = wanted;
          String name = meeting.name() + " gradients " + (wanted & 1) + (wanted >> 1);
          cases.add(Case.of(FAMILY, "binary " + op, name, bench -> binary(bench, spec, gradients)));
        }
        cases.add(Case.special(FAMILY, "binary " + op, meeting.name(), bench -> binary(bench, spec, 3)));
      }
    }
    for (LogicalOp op : LogicalOp.values()) {
      for (Meeting meeting : meetings()) {
        LogicalSpec spec = new LogicalSpec(op, meeting.shape(), meeting.left(), meeting.right());
        cases.add(Case.of(FAMILY, "logical " + op, meeting.name(), bench -> logical(bench, spec)));
      }
    }
    return cases;
  }

  static void large(Bench bench) {
    unary(bench, UnarySpec.of(UnaryOp.GELU, 150_001));
    binary(bench, new BinarySpec(BinaryOp.MULTIPLY, new int[] {503, 307}, new int[] {307, 1}, new int[] {0, 1}), 3);
    binary(bench, new BinarySpec(BinaryOp.MULTIPLY, new int[] {503, 307}, new int[] {1, 0}, new int[] {0, 0}), 3);
    logical(bench, new LogicalSpec(LogicalOp.NOR, new int[] {503, 307}, new int[] {1, 0}, new int[] {307, 1}));
  }

  static void tiny(Bench bench) {
    for (UnaryOp op : UnaryOp.values()) {
      unary(bench, new UnarySpec(op, 37, parameters(op)[0][0], parameters(op)[0][1]));
    }
    for (BinaryOp op : BinaryOp.values()) {
      binary(bench, new BinarySpec(op, new int[] {5, 19}, new int[] {19, 1}, new int[] {0, 1}), 3);
    }
    for (LogicalOp op : LogicalOp.values()) {
      logical(bench, new LogicalSpec(op, new int[] {5, 19}, new int[] {19, 1}, new int[] {0, 1}));
    }
  }

  private static double[][] parameters(UnaryOp op) {
    return switch (op) {
      case AFFINE -> new double[][] {{1.75, -0.5}, {0, 2}, {1, 0}};
      case POWER -> new double[][] {{2, 0}, {3, 0}, {0.5, 0}, {-1, 0}, {2.5, 0}, {0, 0}, {1, 0}};
      case LEAKY_RELU -> new double[][] {{0.01, 0}, {0.25, 0}};
      case CLAMP -> new double[][] {{-0.5, 0.75}, {0, Double.POSITIVE_INFINITY}, {1, 1}};
      default -> new double[][] {{0, 0}};
    };
  }

  private static List<Meeting> meetings() {
    List<Meeting> meetings = new ArrayList<>();
    for (int n : Awkward.SIZES) {
      meetings.add(new Meeting("same " + n, new int[] {n}, new int[] {1}, new int[] {1}));
    }
    for (int[] size : new int[][] {{3, 5}, {7, 17}, {1, 33}, {33, 1}, {0, 3}, {16, 67}}) {
      int n = size[1];
      String by = " " + size[0] + "x" + n;
      meetings.add(new Meeting("row right" + by, size, new int[] {n, 1}, new int[] {0, 1}));
      meetings.add(new Meeting("row left" + by, size, new int[] {0, 1}, new int[] {n, 1}));
      meetings.add(new Meeting("column right" + by, size, new int[] {n, 1}, new int[] {1, 0}));
      meetings.add(new Meeting("column left" + by, size, new int[] {1, 0}, new int[] {n, 1}));
      meetings.add(new Meeting("scalar right" + by, size, new int[] {n, 1}, new int[] {0, 0}));
      meetings.add(new Meeting("scalar left" + by, size, new int[] {0, 0}, new int[] {n, 1}));
      meetings.add(new Meeting("outer" + by, size, new int[] {1, 0}, new int[] {0, 1}));
      meetings.add(new Meeting("both scalar" + by, size, new int[] {0, 0}, new int[] {0, 0}));
    }
    meetings.add(new Meeting("row right 700x9", new int[] {700, 9}, new int[] {9, 1}, new int[] {0, 1}));
    meetings.add(new Meeting("column left 3x1501", new int[] {3, 1501}, new int[] {1, 0}, new int[] {1501, 1}));
    int[] three = {3, 5, 17};
    meetings.add(new Meeting("middle right", three, new int[] {85, 17, 1}, new int[] {17, 0, 1}));
    meetings.add(new Meeting("middle alone left", three, new int[] {0, 1, 0}, new int[] {85, 17, 1}));
    meetings.add(new Meeting("outer of three", three, new int[] {5, 1, 0}, new int[] {17, 0, 1}));
    meetings.add(new Meeting("no dimensions", new int[] {}, new int[] {}, new int[] {}));
    return meetings;
  }

  private static void unary(Bench bench, UnarySpec spec) {
    int length = spec.length();
    double[] values = bench.isSpecial() ? bench.drawSpecial(length) : bench.draw(length);
    if (!bench.isSpecial()) {
      switch (spec.op()) {
        case LOG, SQRT, POWER, RECIPROCAL -> Arrays.setAll(values, i -> (float) (Math.abs(values[i]) + 0.125));
        default -> {}
      }
    }
    Buffer x = bench.input(values);
    Buffer y = bench.output("y", length);
    Buffer gradY = bench.input(length);
    Buffer gradX = bench.output("gradX", length);
    bench.backend().elementwise().unary(spec, x, y);
    bench.backend().elementwise().unaryBackward(spec, x, y, gradY, gradX);
  }

  private static void logical(Bench bench, LogicalSpec spec) {
    Buffer left = bench.flags(Awkward.flags(bench.random(), spec.leftLength(), 0.5));
    Buffer right = bench.flags(Awkward.flags(bench.random(), spec.rightLength(), 0.5));
    bench.backend().elementwise().logical(spec, left, right, bench.outputFlags("y", spec.length()));
  }

  private static void binary(Bench bench, BinarySpec spec, int gradients) {
    var operands = spec.operands(KernelSpec.Pass.FORWARD);
    int leftLength = (int) operands.get(0).length();
    int rightLength = (int) operands.get(1).length();
    double[] left = bench.drawTied(leftLength);
    double[] right = bench.drawTied(rightLength);
    if (!bench.isSpecial()) {
      switch (spec.op()) {
        case POWER -> Arrays.setAll(left, i -> Math.abs(left[i]) + 0.5);
        case DIVIDE -> Arrays.setAll(right, i -> right[i] < 0 ? right[i] - 0.5 : right[i] + 0.5);
        case ADD, SUBTRACT, MULTIPLY -> Arrays.setAll(left, i -> (float) (left[i] + 0.1));
        case MAXIMUM, MINIMUM -> {}
      }
    }
    Buffer leftBuffer = bench.input(left);
    Buffer rightBuffer = bench.input(right);
    bench.backend().elementwise().binary(spec, leftBuffer, rightBuffer, bench.output("y", spec.length()));
    Buffer gradY = bench.input(spec.length());
    Buffer gradLeft = (gradients & 1) != 0 ? bench.output("gradLeft", leftLength) : null;
    Buffer gradRight = (gradients & 2) != 0 ? bench.output("gradRight", rightLength) : null;
    bench.backend().elementwise().binaryBackward(spec, leftBuffer, rightBuffer, gradY, gradLeft, gradRight);
  }
}
