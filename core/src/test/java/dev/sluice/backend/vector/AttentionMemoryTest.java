package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.spi.AttentionKernels.Gradients;
import dev.sluice.spi.AttentionKernels.Inputs;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.Selection;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention's memory beyond inputs, outputs and gradients is linear in the length. */
class AttentionMemoryTest {
  private static final int HEADS = 8;
  private static final int WIDTH = 64;

  /** 64 MiB at a length of 16384. */
  private static final long MOST_BYTES_PER_POSITION = 4096;

  /** What does not depend on the length: the tiles of a thread. */
  private static final long MOST_BYTES = 2 << 20;

  /** 16384 in the profile full, which takes minutes. */
  private static final int LONGEST = Integer.getInteger("attention.length", 1024);

  /** What is kept is a number of keys that does not grow with the length. */
  static Stream<Selection> selections() {
    return Stream.of(Selection.ALL, new Selection.Largest(9, false), new Selection.Largest(9, true),
        new Selection.Sampled(1, 2), new Selection.ArgMax());
  }

  @ParameterizedTest
  @MethodSource("selections")
  void growsAtMostLinearly(Selection selection) {
    long quarter = beyond(LONGEST / 4, selection);
    long half = beyond(LONGEST / 2, selection);
    long whole = beyond(LONGEST, selection);
    String sizes = quarter + ", " + half + " and " + whole + " bytes up to length " + LONGEST;
    assertTrue(quarter > 0, sizes);
    assertTrue(half <= 2 * quarter + MOST_BYTES, sizes);
    assertTrue(whole <= 2 * half + MOST_BYTES, sizes);
    assertTrue(whole <= MOST_BYTES_PER_POSITION * LONGEST, sizes);
  }

  /** The bytes of all arrays that forward and backward make beside their arguments, the reserve among them. */
  private static long beyond(int length, Selection selection) {
    int size = HEADS * length * WIDTH;
    Layout layout = Layout.headsFirst(HEADS, length, WIDTH);
    AttentionSpec spec = new AttentionSpec(1, HEADS, HEADS, length, length, WIDTH, WIDTH, layout, layout, layout,
        layout, 0.125, Causal.NONE, null, null, false, Dropout.NONE).withSelection(selection);
    try (VectorBackend backend = new VectorBackend(new BackendOptions(1))) {
      Inputs inputs = new Inputs(zeros(backend, size), zeros(backend, size), zeros(backend, size), null, null, null);
      Buffer output = zeros(backend, size);
      Buffer gradOutput = zeros(backend, size);
      Gradients gradients = new Gradients(zeros(backend, size), zeros(backend, size), zeros(backend, size), null);
      long before = backend.madeBytes();
      Buffer reserve = backend.allocate(ElementType.REAL, backend.attention().attentionReserve(spec));
      backend.attention().attention(spec, inputs, output, null, reserve);
      backend.attention().attentionBackward(spec, inputs, output, reserve, gradOutput, null, gradients);
      return backend.madeBytes() - before;
    }
  }

  private static Buffer zeros(VectorBackend backend, int length) {
    Buffer buffer = backend.allocate(ElementType.REAL, length);
    backend.write(new float[length], 0, buffer, 0, length);
    return buffer;
  }
}
