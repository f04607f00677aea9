package dev.sluice.spi;

/**
 * Something that computes: owns buffers and implements every kernel. All methods may be called from any thread; two
 * calls that touch the same buffer, one of them writing, need the callers' own order between them.
 *
 * <p>Transfers convert: REAL goes in and out as float or double, rounding to nearest where the backend's own precision
 * is smaller. A read waits for the kernels that write its source.
 */
public interface Backend extends AutoCloseable {
  /** The name by which the backend is chosen, for example {@code vector}. */
  String id();

  /** One line for people: what computes, how wide, with how many threads. */
  String description();

  /**
   * A buffer of so many elements; its contents are undefined.
   *
   * @throws IllegalArgumentException if the length is negative
   */
  Buffer allocate(ElementType type, int length);

  /** Writes REAL elements from doubles. */
  void write(double[] source, int sourceOffset, Buffer target, int targetOffset, int length);

  /** Writes REAL elements from floats. */
  void write(float[] source, int sourceOffset, Buffer target, int targetOffset, int length);

  /** Writes INT32 elements. */
  void write(int[] source, int sourceOffset, Buffer target, int targetOffset, int length);

  /** Writes BOOL elements. */
  void write(boolean[] source, int sourceOffset, Buffer target, int targetOffset, int length);

  /** Reads REAL elements as doubles. */
  void read(Buffer source, int sourceOffset, double[] target, int targetOffset, int length);

  /** Reads REAL elements as floats. */
  void read(Buffer source, int sourceOffset, float[] target, int targetOffset, int length);

  /** Reads INT32 elements. */
  void read(Buffer source, int sourceOffset, int[] target, int targetOffset, int length);

  /** Reads BOOL elements. */
  void read(Buffer source, int sourceOffset, boolean[] target, int targetOffset, int length);

  /**
   * Everything that it computes with.
   *
   * @throws IllegalStateException if the backend is closed, or cannot go on
   */
  Kernels kernels();

  default MemoryKernels memory() {
    return kernels().memory();
  }

  default GemmKernels gemm() {
    return kernels().gemm();
  }

  default ElementwiseKernels elementwise() {
    return kernels().elementwise();
  }

  default ReductionKernels reduction() {
    return kernels().reduction();
  }

  default SoftmaxKernels softmax() {
    return kernels().softmax();
  }

  default LossKernels loss() {
    return kernels().loss();
  }

  default AttentionKernels attention() {
    return kernels().attention();
  }

  default NormalizationKernels normalization() {
    return kernels().normalization();
  }

  default EmbeddingKernels embedding() {
    return kernels().embedding();
  }

  default DropoutKernels dropout() {
    return kernels().dropout();
  }

  default RecurrentKernels recurrent() {
    return kernels().recurrent();
  }

  default IndRnnKernels indRnn() {
    return kernels().indRnn();
  }

  default WindowKernels window() {
    return kernels().window();
  }

  default ClippingKernels clipping() {
    return kernels().clipping();
  }

  default OptimizerKernels optimizer() {
    return kernels().optimizer();
  }

  /**
   * Lets go of threads and memory; a later call fails with {@link IllegalStateException}. Closing twice does nothing.
   */
  @Override
  void close();
}
