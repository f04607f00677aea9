package dev.sluice.conformance;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.LayerNormSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Layer normalisation, and {@link BatchNormCases}: weight x bias x their gradients x sizes. Rows lie away from 0, where
 * a careless variance cancels. Special values stand in x alone: next to a huge one all others differ by rounding only,
 * and an infinite factor would tell their signs.
 */
final class NormalizationCases {
  private static final String FAMILY = "normalization";

  private NormalizationCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int options = 0; options < 16; options++) {
      int chosen = options;
      String group = "layerNorm" + ((options & 1) != 0 ? " weight" : "") + ((options & 2) != 0 ? " bias" : "");
      String gradients = " gradients " + (options >> 2 & 1) + (options >> 3);
      for (int rows : new int[] {0, 1, 5, 66}) {
        for (int width : Awkward.SIZES) {
          LayerNormSpec spec = new LayerNormSpec(rows, width, 1e-5);
          String name = rows + "x" + width + gradients;
          cases.add(Case.of(FAMILY, group, name, bench -> layerNorm(bench, spec, chosen)));
          if (rows == 5) {
            cases.add(Case.special(FAMILY, group, name, bench -> layerNorm(bench, spec, chosen)));
          }
        }
      }
    }
    List<Case> chosen = new ArrayList<>(Sample.of(cases, 600));
    chosen.addAll(BatchNormCases.cases());
    return chosen;
  }

  static void large(Bench bench) {
    layerNorm(bench, new LayerNormSpec(1501, 131, 1e-5), 15);
    BatchNormCases.large(bench);
  }

  static void tiny(Bench bench) {
    layerNorm(bench, new LayerNormSpec(5, 37, 1e-5), 15);
    BatchNormCases.tiny(bench);
  }

  private static void layerNorm(Bench bench, LayerNormSpec spec, int options) {
    int size = spec.rows() * spec.width();
    double[] values = bench.draw(size);
    for (int i = 0; i < size; i++) {
      values[i] = (float) (values[i] + 3);
    }
    Buffer x = bench.input(values);
    Buffer weight = (options & 1) != 0 ? bench.input(bench.drawOrdinary(spec.width())) : null;
    Buffer bias = (options & 2) != 0 ? bench.input(bench.drawOrdinary(spec.width())) : null;
    Buffer gradY = bench.input(bench.drawOrdinary(size));
    var kernels = bench.backend().normalization();
    Buffer reserve = bench.reserve(kernels.layerNormReserve(spec));
    kernels.layerNorm(spec, x, weight, bias, bench.output("y", size), reserve);
    kernels.layerNorm(spec, x, weight, bias, bench.output("y without reserve", size), null);
    Buffer gradWeight = (options & 4) != 0 ? bench.output("gradWeight", spec.width()) : null;
    Buffer gradBias = (options & 8) != 0 ? bench.output("gradBias", spec.width()) : null;
    kernels.layerNormBackward(spec, x, weight, reserve, gradY, bench.output("gradX", size), gradWeight, gradBias);
  }
}
