package dev.sluice.bench.peers;

import java.util.List;
import java.util.function.Supplier;

/**
 * A libtorch that has loaded the methods of works.py.
 *
 * @param <T> its tensors; each belongs to the innermost open frame and is gone when that is closed
 */
interface Engine<T> {
  /** Where tensors live. */
  interface Frame extends AutoCloseable {
    @Override
    void close();
  }

  /** Opens a frame in the frame that is open. */
  Frame open();

  /** A float32 tensor of these numbers in row-major order. */
  T tensor(float[] values, long... shape);

  /** An int64 tensor (n) of these indices. */
  T indices(int[] values);

  /**
   * Makes ready to call a method of works.py again and again.
   *
   * @param method its name
   * @param arguments its tensors, read and perhaps written at each call
   * @return the call, whose results belong to the frame that is then open
   */
  Supplier<List<T>> bind(String method, List<T> arguments);

  /** The numbers of a float32 tensor in row-major order. */
  float[] values(T tensor);
}
