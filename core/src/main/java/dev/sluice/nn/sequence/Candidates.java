package dev.sluice.nn.sequence;

/** The best so many of what is offered, in order: the largest first, of equals that which came first. */
final class Candidates {
  private final double[] values;
  private final int[] rows;
  private final int[] tokens;
  private int size;

  Candidates(int most) {
    values = new double[most];
    rows = new int[most];
    tokens = new int[most];
  }

  void offer(double value, int row, int token) {
    if (size == values.length && value <= values[size - 1]) {
      return;
    }
    int place = size < values.length ? size++ : size - 1;
    for (; place > 0 && values[place - 1] < value; place--) {
      values[place] = values[place - 1];
      rows[place] = rows[place - 1];
      tokens[place] = tokens[place - 1];
    }
    values[place] = value;
    rows[place] = row;
    tokens[place] = token;
  }

  int size() {
    return size;
  }

  int row(int place) {
    return rows[place];
  }

  int token(int place) {
    return tokens[place];
  }
}
