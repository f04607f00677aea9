package dev.sluice.bench.work;

import java.util.Locale;

/**
 * A piece of work in float32, with its sizes. Numbers come from {@link Inputs}, so that all performers compute the
 * same; the results that they hand out to be compared are listed at each kind.
 */
public sealed interface Work {
  /** Bytes of a float. */
  double FLOAT = Float.BYTES;

  /** What kind of kernel this is: the first word of its name. */
  default String family() {
    return name().split(" ", 2)[0];
  }

  /** The name, unique in the catalogue, such as {@code attention forward 1x8x512x64 causal}. */
  String name();

  /** What it costs at least. */
  Cost cost();

  /** How much faster than its best peer it has to be. */
  Bars bars();

  /** The share of the machine's limit that it has to reach whatever its peers do. */
  default double leastShare() {
    return 0;
  }

  /** Matrix product (m, k) x (k, n). Result: the product. */
  record Gemm(int m, int k, int n) implements Work {
    @Override
    public String name() {
      return "gemm " + m + "x" + k + "x" + n;
    }

    @Override
    public Cost cost() {
      return Cost.of(2.0 * m * k * n, FLOAT * ((double) m * k + (double) k * n + (double) m * n));
    }

    @Override
    public Bars bars() {
      return new Bars(1.0, 1.0);
    }

    @Override
    public double leastShare() {
      return Math.min(m, Math.min(k, n)) >= 1024 ? 0.85 : 0;
    }
  }

  /** Softmax over the last axis of (rows, width). Result: the weights, or the gradient of the logits. */
  record Softmax(Pass pass, int rows, int width) implements Work {
    @Override
    public String name() {
      return "softmax " + pass + " " + rows + "x" + width;
    }

    @Override
    public Cost cost() {
      double size = (double) rows * width;
      return pass == Pass.FORWARD
          ? new Cost(4 * size, size, 0, 0, 2 * FLOAT * size)
          : Cost.of(4 * size, 3 * FLOAT * size);
    }

    @Override
    public Bars bars() {
      return new Bars(1.5, 1.5);
    }
  }

  /**
   * Scaled dot-product attention of queries (batch, heads, queries, width) over keys and values (batch, heads, length,
   * width). Results: the output; with backward also the gradients of query, key and value.
   */
  record Attention(Pass pass, int batch, int heads, int queries, int length, int width, boolean causal)
      implements Work {
    /** With as many queries as keys. */
    public Attention(Pass pass, int batch, int heads, int length, int width, boolean causal) {
      this(pass, batch, heads, length, length, width, causal);
    }

    @Override
    public String name() {
      return "attention " + pass + " " + batch + "x" + heads + "x" + length + "x" + width + (causal ? " causal" : "")
          + (queries == length ? "" : " queries " + queries);
    }

    @Override
    public Cost cost() {
      double rows = (double) batch * heads * queries;
      double pairs = causal ? rows * (length + 1.0) / 2 : rows * length;
      double size = (rows + (double) batch * heads * length) / 2 * width;
      // Forward: query by key, weights by value. Backward: those two recomputed but one, and a gradient each.
      Cost forward = new Cost(4 * pairs * width, pairs, 0, 0, 4 * FLOAT * size);
      return pass.backward() ? forward.plus(new Cost(10 * pairs * width, pairs, 0, 0, 8 * FLOAT * size)) : forward;
    }

    @Override
    public Bars bars() {
      if (queries == 1) {
        // Each key and value is read for one product: memory, as in layer norm.
        return new Bars(1.0, 1.2);
      }
      if (length <= 64) {
        return new Bars(2.0, 2.0);
      }
      boolean large = length >= 2048;
      return pass.backward() ? new Bars(large ? 1.1 : 1.3, 1.5) : new Bars(large ? 1.05 : 1.3, 1.5);
    }
  }

  /** The gated cells with a recurrent product. */
  enum Cell {
    LSTM(4, 3, 2),
    GRU(3, 2, 1),
    /** The forget-gate-only LSTM: one gate and one candidate. */
    JANET(2, 1, 1);

    private final int rows;
    private final int sigmoids;
    private final int tanhs;

    Cell(int rows, int sigmoids, int tanhs) {
      this.rows = rows;
      this.sigmoids = sigmoids;
      this.tanhs = tanhs;
    }

    /** Rows of the weights, in hidden widths. */
    public int rows() {
      return rows;
    }
  }

  /**
   * One layer of a gated recurrence over (steps, batch, input), from a zero state. Results: the outputs of all steps;
   * with backward also the gradients of the input, of both weights and of the biases.
   */
  record Recurrent(Cell cell, Pass pass, int steps, int batch, int input, int hidden) implements Work {
    @Override
    public String name() {
      return "%s %s T%d B%d I%d H%d"
          .formatted(cell.name().toLowerCase(Locale.ROOT), pass, steps, batch, input, hidden);
    }

    @Override
    public Cost cost() {
      double units = (double) steps * batch * hidden;
      double products = 2.0 * units * cell.rows * (input + hidden);
      double weights = (double) cell.rows * hidden * (input + hidden + 2);
      double inputs = (double) steps * batch * input;
      Cost forward =
          new Cost(
              products + 10 * units,
              0,
              units * cell.sigmoids,
              units * cell.tanhs,
              FLOAT * (weights + inputs + units));
      Cost backward = Cost.of(2 * products + 20 * units, FLOAT * (2 * weights + 2 * inputs + units));
      return pass.backward() ? forward.plus(backward) : forward;
    }

    @Override
    public Bars bars() {
      boolean backward = pass.backward();
      return switch (cell) {
        case LSTM -> backward ? new Bars(1.3, 1.5) : new Bars(1.0, 1.2);
        case GRU -> new Bars(1.2, 1.4);
        case JANET -> new Bars(1.6, 2.5);
      };
    }
  }

  /**
   * The recurrence of IndRNN with ReLU alone, its input (steps, batch, hidden) already projected: forward and backward.
   * Results: the outputs; the gradients of the input and of the recurrent weights (hidden).
   */
  record IndRnn(int steps, int batch, int hidden) implements Work {
    @Override
    public String name() {
      return "indrnn forward+backward T%d B%d H%d".formatted(steps, batch, hidden);
    }

    @Override
    public Cost cost() {
      double units = (double) steps * batch * hidden;
      return Cost.of(9 * units, 5 * FLOAT * units);
    }

    @Override
    public Bars bars() {
      return new Bars(8, 8);
    }
  }

  /**
   * Clips gradients of count square matrices by their joint 2-norm, which is above the maximum. Results: the norm, the
   * first gradient clipped to half of it.
   */
  record ClipByNorm(int count, int width) implements Work {
    /**
     * How often in a row the norm is clipped to half of what it was, before the gradients get their first values again
     * as part of a run.
     */
    public static final int HALVINGS = 20;

    @Override
    public String name() {
      return "clip by norm " + count + "x" + width + "x" + width;
    }

    @Override
    public Cost cost() {
      double size = (double) count * width * width;
      return Cost.of(3 * size, 3 * FLOAT * size);
    }

    @Override
    public Bars bars() {
      return new Bars(1.1, 1.3);
    }
  }

  /** One step of Adam over count square matrices. Result: the first matrix after the first step. */
  record AdamStep(int count, int width) implements Work {
    @Override
    public String name() {
      return "adam step " + count + "x" + width + "x" + width;
    }

    @Override
    public Cost cost() {
      double size = (double) count * width * width;
      return Cost.of(12 * size, 7 * FLOAT * size);
    }

    @Override
    public Bars bars() {
      return new Bars(1.1, 1.3);
    }
  }

  /**
   * Layer normalization over the last axis of (batch, length, width), with weight and bias. Results: the output; with
   * backward also the gradients of input, weight and bias.
   */
  record LayerNorm(Pass pass, int batch, int length, int width) implements Work {
    @Override
    public String name() {
      return "layernorm " + pass + " B" + batch + " L" + length + " W" + width;
    }

    @Override
    public Cost cost() {
      double size = (double) batch * length * width;
      Cost forward = Cost.of(7 * size, 2 * FLOAT * size);
      return pass.backward() ? forward.plus(Cost.of(12 * size, 3 * FLOAT * size)) : forward;
    }

    @Override
    public Bars bars() {
      return new Bars(1.0, 1.2);
    }
  }

  /** Mean cross-entropy of logits (rows, classes) and its gradient. Results: the loss, the gradient of the logits. */
  record CrossEntropy(int rows, int classes) implements Work {
    @Override
    public String name() {
      return "crossentropy forward+backward " + rows + "x" + classes;
    }

    @Override
    public Cost cost() {
      double size = (double) rows * classes;
      return new Cost(5 * size, size, 0, 0, 2 * FLOAT * size);
    }

    @Override
    public Bars bars() {
      return new Bars(1.0, 1.2);
    }
  }

  /** The gradient of a table (classes, width) looked up by tokens. Result: the gradient of the table. */
  record EmbeddingGradient(int tokens, int classes, int width) implements Work {
    @Override
    public String name() {
      return "embedding gradient " + tokens + " tokens " + classes + "x" + width;
    }

    @Override
    public Cost cost() {
      return Cost.of((double) tokens * width, FLOAT * ((double) tokens * width + (double) classes * width));
    }

    @Override
    public Bars bars() {
      return new Bars(1.0, 1.2);
    }
  }

  /**
   * One epoch of the Fashion-MNIST classifier: images read as 28 rows of 28 pixels by an LSTM of 128 with soft
   * attention, a linear layer to ten classes, cross-entropy, gradients clipped to norm 1, Adam; batches of 64. Results:
   * the losses of the first steps.
   */
  record Epoch(int images) implements Work {
    /** Images in a batch. */
    public static final int BATCH = 64;
    /** Rows of an image, and pixels of a row. */
    public static final int SIDE = 28;
    /** The hidden width. */
    public static final int HIDDEN = 128;
    /** How many losses are compared. */
    public static final int COMPARED = 10;

    @Override
    public String name() {
      return "epoch fashion lstm " + images;
    }

    @Override
    public Cost cost() {
      double steps = Math.ceil(images / (double) BATCH);
      return new Recurrent(Cell.LSTM, Pass.FORWARD_BACKWARD, SIDE, BATCH, SIDE, HIDDEN).cost().times(steps);
    }

    @Override
    public Bars bars() {
      return new Bars(1.4, 2.0);
    }
  }
}
