package dev.sluice.bench.work;

/** Which way through an operation a work goes. */
public enum Pass {
  FORWARD("forward"),
  /** The gradient alone, from a saved forward result. */
  BACKWARD("backward"),
  FORWARD_BACKWARD("forward+backward");

  private final String words;

  Pass(String words) {
    this.words = words;
  }

  /** Whether a gradient is computed. */
  public boolean backward() {
    return this != FORWARD;
  }

  @Override
  public String toString() {
    return words;
  }
}
