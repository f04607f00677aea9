package dev.sluice.conformance;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.FillSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fill and strided copy: every way of walking, element type, scale and accumulation. Special values are carried over as
 * they are.
 */
final class MemoryCases {
  private static final String FAMILY = "memory";

  /** A pair of strided walks. */
  private record Walk(String name, int[] shape, int sourceOffset, int[] sourceStrides, int targetOffset,
      int[] targetStrides) {
    CopySpec spec(ElementType type, double scale, boolean accumulate) {
      return new CopySpec(type, shape, sourceOffset, sourceStrides, targetOffset, targetStrides, scale, accumulate);
    }
  }

  private MemoryCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (ElementType type : ElementType.values()) {
      for (int length : Awkward.SIZES) {
        double value = type == ElementType.REAL ? 1.5 : 1;
        cases.add(Case.of(FAMILY, "fill", type + " " + length,
            bench -> fill(bench, new FillSpec(type, length, value))));
      }
    }
    for (double value : new double[] {0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, 1e-40f}) {
      cases.add(Case.of(FAMILY, "fill", "REAL with " + value,
          bench -> fill(bench, new FillSpec(ElementType.REAL, 19, value))));
    }
    for (Walk walk : walks()) {
      for (ElementType type : ElementType.values()) {
        cases.add(Case.of(FAMILY, "copy", type + " " + walk.name(), bench -> copy(bench, walk.spec(type, 1, false))));
      }
      for (double scale : new double[] {1, 0.5, -2, 0}) {
        for (boolean accumulate : new boolean[] {false, true}) {
          String name = walk.name() + " scale " + scale + (accumulate ? " accumulate" : "");
          CopySpec spec = walk.spec(ElementType.REAL, scale, accumulate);
          cases.add(Case.of(FAMILY, "copy", name, bench -> copy(bench, spec)));
          cases.add(Case.special(FAMILY, "copy", name, bench -> copy(bench, spec)));
        }
      }
    }
    return cases;
  }

  /** A transposing copy of several chunks. */
  static void large(Bench bench) {
    copy(bench, new CopySpec(ElementType.REAL, new int[] {301, 701}, 0, new int[] {1, 301}, 0, new int[] {701, 1}, 0.3,
        true));
  }

  static void tiny(Bench bench) {
    fill(bench, new FillSpec(ElementType.REAL, 37, 2));
    copy(bench, new CopySpec(ElementType.REAL, new int[] {5, 7}, 0, new int[] {1, 5}, 0, new int[] {7, 1}, 0.3, true));
  }

  private static List<Walk> walks() {
    List<Walk> walks = new ArrayList<>();
    for (int n : Awkward.SIZES) {
      walks.add(new Walk("contiguous " + n, new int[] {n}, 0, new int[] {1}, 0, new int[] {1}));
      walks.add(new Walk("flip " + n, new int[] {n}, Math.max(n - 1, 0), new int[] {-1}, 0, new int[] {1}));
      walks.add(new Walk("every third " + n, new int[] {n}, 2, new int[] {3}, 1, new int[] {2}));
    }
    walks.add(new Walk("single element", new int[] {}, 4, new int[] {}, 2, new int[] {}));
    walks.add(new Walk("broadcast rows", new int[] {5, 17}, 0, new int[] {0, 1}, 0, new int[] {17, 1}));
    walks.add(new Walk("broadcast columns", new int[] {5, 17}, 0, new int[] {1, 0}, 0, new int[] {17, 1}));
    walks.add(new Walk("broadcast all", new int[] {3, 33}, 6, new int[] {0, 0}, 0, new int[] {33, 1}));
    walks.add(new Walk("slice", new int[] {4, 19}, 31, new int[] {29, 1}, 0, new int[] {19, 1}));
    walks.add(new Walk("into columns", new int[] {6, 16}, 0, new int[] {16, 1}, 7, new int[] {40, 1}));
    walks.add(new Walk("flip rows", new int[] {6, 17}, 85, new int[] {-17, 1}, 0, new int[] {17, 1}));
    for (int[] size : new int[][] {{2, 3}, {7, 33}, {17, 16}, {31, 67}, {130, 67}, {1, 5}, {0, 4}, {4, 0}}) {
      walks.add(new Walk("transpose " + Arrays.toString(size), size, 0, new int[] {1, Math.max(size[0], 1)}, 0,
          new int[] {Math.max(size[1], 1), 1}));
    }
    int[] sizes = {3, 5, 17};
    for (int[] order : new int[][] {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
      int[] sourceStrides = {85, 17, 1};
      int[] shape = {sizes[order[0]], sizes[order[1]], sizes[order[2]]};
      int[] strides = {sourceStrides[order[0]], sourceStrides[order[1]], sourceStrides[order[2]]};
      walks.add(new Walk("permute " + Arrays.toString(order), shape, 0, strides, 0,
          new int[] {shape[1] * shape[2], shape[2], 1}));
    }
    walks.add(new Walk("transposed planes", new int[] {3, 67, 34}, 0, new int[] {2278, 1, 67}, 0,
        new int[] {2278, 34, 1}));
    walks.add(new Walk("slice of whole fours", new int[] {5, 16}, 8, new int[] {24, 1}, 4, new int[] {20, 1}));
    walks.add(new Walk("heads of 4 dimensions", new int[] {2, 3, 5, 7}, 0, new int[] {105, 7, 21, 1}, 0,
        new int[] {105, 35, 7, 1}));
    walks.add(new Walk("flipped slice of 3 dimensions", new int[] {2, 3, 5}, 200, new int[] {-90, 13, -2}, 3,
        new int[] {50, 15, 2}));
    return walks;
  }

  private static void fill(Bench bench, FillSpec spec) {
    bench.backend().memory().fill(spec, target(bench, spec.type(), spec.length()));
  }

  private static void copy(Bench bench, CopySpec spec) {
    var operands = spec.operands(CopySpec.Pass.FORWARD);
    int sourceLength = (int) operands.get(0).length();
    int targetLength = (int) operands.get(1).length();
    Buffer source = switch (spec.type()) {
      case REAL -> bench.input(sourceLength);
      case INT32 -> bench.ints(bench.random().ints(sourceLength).toArray());
      case BOOL -> bench.flags(Awkward.flags(bench.random(), sourceLength, 0.5));
    };
    Buffer target = spec.accumulate() ? bench.updated("target", bench.draw(targetLength))
        : target(bench, spec.type(), targetLength);
    bench.backend().memory().copy(spec, source, target);
  }

  private static Buffer target(Bench bench, ElementType type, int length) {
    return switch (type) {
      case REAL -> bench.output("target", length);
      case INT32 -> bench.indices("target", length);
      case BOOL -> bench.outputFlags("target", length);
    };
  }
}
