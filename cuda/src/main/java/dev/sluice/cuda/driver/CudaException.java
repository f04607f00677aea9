package dev.sluice.cuda.driver;

/** A call of the CUDA driver or of cuBLAS failed. The message names the call, what it was given, and the result. */
public class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int code;

  /**
   * A failure.
   *
   * @param message the call, what it was given, and the result's name
   * @param code the result, as the driver or cuBLAS numbers it
   */
  public CudaException(String message, int code) {
    super(message);
    this.code = code;
  }

  /** A failure of a call seen from further up, which says more of what was to be done. */
  public CudaException(String message, CudaException cause) {
    super(message, cause);
    this.code = cause.code;
  }

  /** The result, as the driver or cuBLAS numbers it. */
  public int code() {
    return code;
  }
}
