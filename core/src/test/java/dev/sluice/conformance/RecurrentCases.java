package dev.sluice.conformance;

import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Recurrences: LSTM with and without projection, JANET with and without beta, GRU and both RNNs, x sizes x bias x
 * layout x reverse x directions x lengths x initial state x which output gradients arrive x which input gradients are
 * wanted x accumulation. {@link RecurrentScript} runs one.
 */
final class RecurrentCases {
  private static final String FAMILY = "recurrent";

  /** Sizes: steps, batch, inputWidth, hiddenWidth. */
  private static final int[][] SIZES = {{1, 1, 1, 2}, {3, 2, 3, 5}, {5, 3, 7, 16}, {7, 5, 2, 17}, {4, 17, 5, 3},
      {2, 3, 33, 31}};
  private static final int[][] LARGER = {{17, 33, 16, 33}, {3, 67, 5, 16}, {33, 2, 7, 7}, {2, 3, 5, 67}, {0, 3, 4, 5},
      {3, 0, 4, 5}, {3, 4, 0, 5}, {3, 2, 4, 2}, {2, 450, 2, 7}, {3, 5, 4, 110}};

  /** A cell with its parameter, and how many of its crossing are sampled. */
  private enum Cell {
    LSTM(RecurrentCell.LSTM, false, 0, 220),
    LSTM_PROJECTION(RecurrentCell.LSTM, true, 0, 220),
    JANET(RecurrentCell.JANET, false, 1, 220),
    JANET_BETA_0(RecurrentCell.JANET, false, 0, 220),
    GRU(RecurrentCell.GRU, false, 0, 140),
    RNN_TANH(RecurrentCell.RNN_TANH, false, 0, 90),
    RNN_RELU(RecurrentCell.RNN_RELU, false, 0, 90);

    private final RecurrentCell cell;
    private final boolean projection;
    private final double beta;
    private final int sample;

    Cell(RecurrentCell cell, boolean projection, double beta, int sample) {
      this.cell = cell;
      this.projection = projection;
      this.beta = beta;
      this.sample = sample;
    }
  }

  private RecurrentCases() {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Cell cell : Cell.values()) {
      List<Case> crossing = new ArrayList<>();
      for (int[] size : SIZES) {
        addCrossing(crossing, cell, size);
      }
      cases.addAll(Sample.of(crossing, cell.sample));
      for (int[] size : LARGER) {
        List<Case> all = new ArrayList<>();
        addCrossing(all, cell, size);
        cases.addAll(Sample.of(all, 6));
      }
      for (Case ordinary : Sample.of(crossing, 12)) {
        cases.add(Case.special(FAMILY, ordinary.group(), ordinary.name(), ordinary.script()));
      }
    }
    return cases;
  }

  static void large(Bench bench) {
    for (Cell cell : Cell.values()) {
      new RecurrentScript(spec(cell, new int[] {7, 131, 19, 67}, 0b1101), 0).run(bench);
    }
  }

  static void tiny(Bench bench) {
    for (Cell cell : Cell.values()) {
      new RecurrentScript(spec(cell, new int[] {3, 5, 7, 19}, 0b1101), 0).run(bench);
    }
  }

  private static void addCrossing(List<Case> cases, Cell cell, int[] size) {
    for (int options = 0; options < 64; options++) {
      RecurrentSpec spec = spec(cell, size, options);
      for (int missing = 0; missing < 16; missing++) {
        String group = cell + (spec.lengths() ? " lengths" : "") + (spec.reverse() ? " reverse" : "");
        String name = "steps " + size[0] + " batch " + size[1] + " widths " + size[2] + " and " + size[3]
            + (spec.bias() ? " bias" : "") + (spec.batchFirst() ? " batch first" : "") + " direction "
            + spec.direction()
            + " of " + spec.directions() + (spec.accumulateInput() ? " accumulate" : "") + " missing " + missing;
        cases.add(Case.of(FAMILY, group, name, new RecurrentScript(spec, missing)));
      }
    }
  }

  /** Bits of the options: lengths, bias, batch first, reverse, two directions, accumulate. */
  private static RecurrentSpec spec(Cell cell, int[] size, int options) {
    int projection = cell.projection ? (size[3] + 1) / 2 : 0;
    boolean reverse = (options & 8) != 0;
    int directions = (options & 16) != 0 ? 2 : 1;
    return new RecurrentSpec(cell.cell, size[0], size[1], size[2], size[3], projection, (options & 2) != 0,
        (options & 4) != 0, reverse, directions, directions == 2 && reverse ? 1 : 0, (options & 1) != 0, cell.beta,
        (options & 32) != 0);
  }
}
