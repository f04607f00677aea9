package dev.sluice.bench.train;

/** The loss is no longer a finite number: there is nothing left to train. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DivergedException(int epoch, double loss) {
    super("training diverged: the loss is " + loss + " in epoch " + epoch
        + "; a smaller --lr or --clip norm:1 may help");
  }
}
