package dev.sluice.cuda;

import static dev.sluice.autograd.Losses.crossEntropy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Tensor;
import dev.sluice.cuda.driver.CudaOutOfMemoryException;
import dev.sluice.nn.Linear;
import dev.sluice.optim.SGD;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The device's memory over a training: it stays flat, it can run out, and what nobody closed comes back. */
class MemoryTest {
  private static final int STEPS = 10_000;
  private static final int WIDTH = 16;
  private static final int CLASSES = 4;
  private static final long USUAL_BYTES = 4L << 30;

  private final CudaBackend backend = SoftGpu.backend();
  private final Generator generator = new Generator(1);
  private final Linear layer = new Linear(WIDTH, CLASSES, generator);
  private SGD descent;

  private void moveToDevice() {
    layer.to(backend);
    descent = new SGD(layer.parameters(), 0.1);
  }

  @AfterEach
  void close() {
    SoftGpu.setMemory(0, USUAL_BYTES);
    backend.close();
  }

  @Test
  void staysFlatOverTenThousandSteps() {
    moveToDevice();
    for (int i = 0; i < 10; i++) {
      step(8);
    }
    long made = backend.device().pool().madeBytes();
    long free = backend.device().driver().memory().free();
    double first = step(8);
    for (int i = 0; i < STEPS; i++) {
      step(8);
    }
    assertTrue(step(8) < first);
    assertEquals(made, backend.device().pool().madeBytes());
    assertEquals(free, backend.device().driver().memory().free());
  }

  @Test
  void aStepTooLargeIsRefusedAndASmallerOneGoesOn() {
    moveToDevice();
    step(8);
    SoftGpu.setMemory(0, used() + (4 << 20));
    CudaOutOfMemoryException refusal = assertThrows(CudaOutOfMemoryException.class, () -> step(1 << 16));
    assertTrue(refusal.getMessage().endsWith("close tensors (Scope), or take a smaller batch"), refusal.getMessage());
    double before = step(1 << 10);
    step(1 << 10);
    assertTrue(step(1 << 10) < before);
  }

  @Test
  void buffersThatWaitAreFreedBeforeARequestIsRefused() {
    SoftGpu.setMemory(0, used() + (10 << 20));
    for (int length = 1 << 18; length <= 2 << 20; length += 1 << 16) {
      backend.allocate(ElementType.REAL, length).close();
    }
  }

  @Test
  void buffersThatNobodyClosedComeBack() {
    SoftGpu.setMemory(0, used() + (16 << 20));
    for (int i = 0; i < 200; i++) {
      Buffer forgotten = backend.allocate(ElementType.REAL, 1 << 20);
      backend.write(new float[] {i}, 0, forgotten, 0, 1);
    }
  }

  private long used() {
    return backend.device().driver().memory().total() - backend.device().driver().memory().free();
  }

  private double step(int batch) {
    try (Scope scope = Scope.open()) {
      Tensor inputs = Tensor.of(backend, new Generator(2).uniform(batch * WIDTH, -1, 1), batch, WIDTH);
      int[] labels = new int[batch];
      for (int i = 0; i < batch; i++) {
        labels[i] = i % CLASSES;
      }
      Tensor loss = crossEntropy(layer.forward(inputs), Tensor.of(backend, labels, batch));
      descent.zeroGrad();
      loss.backward();
      descent.step();
      return loss.item();
    }
  }
}
