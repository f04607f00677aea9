package dev.sluice.bench.train;

import java.util.List;

/**
 * Small configurations that tests of whole trainings cross. A hidden width of 19 or 21 takes the vector kernels through
 * their loops and through what is left over, with 16 lanes as with 8 or 4.
 */
final class Settings {
  /** Each way of clipping, with bounds that the first steps of a small model already exceed. */
  static final List<String> CLIPS = List.of("none", "value:0.003", "range:-0.002,0.003",
      "range:classifier.*=-0.001,0.002;*=-0.003,0.003", "norm:0.05", "norm:0.01,inf");

  private Settings() {}

  /**
   * One epoch with scaled soft attention.
   *
   * @param clip as after {@code --clip}
   */
  static FashionConfiguration of(CellKind cell, String clip, int hidden, int batch, boolean pixels) {
    BatchNormKind norm = cell.isIndependent() ? BatchNormKind.TIME : BatchNormKind.NONE;
    return new FashionConfiguration(cell, hidden, 1, false, 0, norm, AttentionKind.SOFT, ScoreKind.SCALED,
        ClipOption.parse(clip), 1, batch, 0.01, null, null, pixels);
  }
}
