package dev.sluice.cuda.driver;

/**
 * The device has no memory for a buffer. The backend stays usable: close tensors, or their scope, and go on with a
 * smaller batch.
 */
public final class CudaOutOfMemoryException extends CudaException {
  private static final long serialVersionUID = 1;

  /** A failure whose message says what was wanted and what is free. */
  public CudaOutOfMemoryException(String message) {
    super(message, CudaDriver.OUT_OF_MEMORY);
  }
}
