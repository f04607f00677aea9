package dev.sluice.bench.train;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Small configurations that tests of whole trainings cross. A hidden width of 19 or 21 takes the vector kernels through
 * their loops and through what is left over, with 16 lanes as with 8 or 4.
 */
final class Settings {
  /** Each way of clipping, with bounds that the first steps of a small model already exceed. */
  static final List<String> CLIPS = List.of("none", "value:0.003", "range:-0.002,0.003",
      "range:classifier.*=-0.001,0.002;*=-0.003,0.003", "norm:0.05", "norm:0.01,inf");

  /** Each form of attention; the numbers are such that a small model at its start keeps some steps and drops others. */
  static final List<String> ATTENTIONS = List.of("none", "soft", "hard:topk=3", "hard:threshold=0.036", "hard:sample",
      "sparsemax", "feature", "self", "multihead");

  /** It divides the widths that tests give models with heads. */
  private static final int HEADS = 3;

  private Settings() {}

  /**
   * One epoch with scaled soft attention.
   *
   * @param clip as after {@code --clip}
   */
  static FashionConfiguration of(CellKind cell, String clip, int hidden, int batch, boolean pixels) {
    return new FashionConfiguration(cell, hidden, 1, false, 0, norm(cell), AttentionOption.Plain.SOFT,
        ScoreKind.SCALED, ClipOption.parse(clip), 1, batch, 0.01, null, null, pixels);
  }

  /**
   * One epoch with any attention, of three heads where it has some.
   *
   * @param hidden a multiple of 3
   */
  static FashionConfiguration of(CellKind cell, NetworkKind network, AttentionOption attention, int hidden, int batch,
      boolean pixels) {
    return new FashionConfiguration(cell, hidden, 1, false, 0, norm(cell), attention, score(attention),
        new ClipOption.Norm(1, 2), 1, batch, 0.01, null, null, pixels, network,
        attention.usualHeads() == null ? null : HEADS);
  }

  /** The usual score, where attention has one. */
  static @Nullable ScoreKind score(AttentionOption attention) {
    return attention.hasScore() ? ScoreKind.SCALED : null;
  }

  private static BatchNormKind norm(CellKind cell) {
    return cell.isIndependent() ? BatchNormKind.TIME : BatchNormKind.NONE;
  }
}
