package dev.sluice;

import static dev.sluice.autograd.Pointwise.square;
import static dev.sluice.autograd.Reductions.sum;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.autograd.Shaping;
import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Who owns memory, and what happens to who comes too late. */
class ScopeTest {
  private static final Backend REFERENCE = Backends.get("reference");

  @Test
  void tensorsOfAScopeCloseWithItAndSayWhoTheyWere() {
    Tensor late;
    Buffer buffer;
    try (Scope _ = Scope.open()) {
      late = square(tensor(1, 2).requiresGrad(true));
      buffer = late.buffer();
    }
    assertTrue(buffer.isClosed());
    IllegalStateException refusal = assertThrows(IllegalStateException.class, late::toDoubles);
    assertEquals("tensor: result of square (2) was used after its scope closed", refusal.getMessage());
    assertThrows(IllegalStateException.class, () -> square(late));
  }

  @Test
  void withoutAScopeNothingCloses() {
    Tensor outside = tensor(1);
    try (Scope _ = Scope.open()) {
      square(outside);
    }
    assertEquals(1, outside.item());
  }

  @Test
  void keepMovesOneOutwardAStepAtATime() {
    Tensor kept;
    try (Scope outer = Scope.open()) {
      try (Scope inner = Scope.open()) {
        kept = inner.keep(square(tensor(3)));
        assertEquals(kept, outer.keep(kept));
      }
      assertEquals(9, kept.item());
    }
    assertEquals(9, kept.item());
    Tensor notKept;
    try (Scope _ = Scope.open()) {
      try (Scope inner = Scope.open()) {
        notKept = inner.keep(tensor(1));
      }
    }
    assertThrows(IllegalStateException.class, notKept::item);
  }

  @Test
  void adoptUndoesKeep() {
    Tensor kept;
    try (Scope step = Scope.open()) {
      kept = step.keep(tensor(3));
    }
    try (Scope step = Scope.open()) {
      assertEquals(kept, step.adopt(kept));
      assertEquals(3, kept.item());
    }
    assertThrows(IllegalStateException.class, kept::item);
    try (Scope outer = Scope.open()) {
      Tensor inOuter = tensor(3);
      try (Scope inner = Scope.open()) {
        inner.adopt(inOuter);
      }
      assertThrows(IllegalStateException.class, inOuter::item);
    }
  }

  @Test
  void aReshapeSharesACountedBuffer() {
    Tensor view;
    try (Scope step = Scope.open()) {
      view = step.keep(Shaping.reshape(tensor(1, 2, 3, 4), 2, 2));
    }
    assertArrayEquals(new double[] {1, 2, 3, 4}, view.toDoubles());
  }

  @Test
  void aLeafsGradientAndItsStateBelongToTheLeafsScope() {
    Tensor leaf = tensor(3).requiresGrad(true);
    Tensor state;
    try (Scope _ = Scope.open()) {
      sum(square(leaf)).backward();
      state = leaf.zerosBeside();
    }
    assertEquals(6, leaf.gradient().item());
    assertEquals(0, state.item());

    Tensor scoped;
    Tensor gradient;
    try (Scope _ = Scope.open()) {
      scoped = tensor(3).requiresGrad(true);
      try (Scope _ = Scope.open()) {
        sum(square(scoped)).backward();
      }
      gradient = scoped.gradient();
      assertEquals(6, gradient.item());
    }
    assertThrows(IllegalStateException.class, gradient::item);
  }

  @Test
  void aGradientGoesWithItsTensorAndCanGoAlone() {
    Tensor kept;
    Tensor keptGradient;
    try (Scope step = Scope.open()) {
      kept = tensor(3).requiresGrad(true);
      Tensor left = tensor(4).requiresGrad(true);
      sum(square(kept)).backward();
      sum(square(left)).backward();
      step.keep(kept);
      keptGradient = step.keep(left.gradient());
    }
    assertEquals(6, kept.gradient().item());
    sum(square(kept)).backward();
    assertEquals(12, kept.gradient().item());
    assertEquals(8, keptGradient.item());
  }

  @Test
  void aScopeAroundManyStepsForgetsWhatIsGone() {
    try (Scope outer = Scope.open()) {
      Tensor leaf = tensor(3).requiresGrad(true);
      for (int step = 0; step < 5000; step++) {
        try (Scope _ = Scope.open()) {
          leaf.clearGradient();
          sum(square(leaf)).backward();
        }
      }
      assertTrue(outer.size() < 3000, "tensors known: " + outer.size());
      assertEquals(6, leaf.gradient().item());
    }
  }

  @Test
  void backwardAfterTheScopeClosedNamesWhatIsGone() {
    Tensor x = tensor(3).requiresGrad(true);
    Tensor loss;
    try (Scope step = Scope.open()) {
      loss = step.keep(sum(square(x)));
    }
    IllegalStateException refusal = assertThrows(IllegalStateException.class, loss::backward);
    assertTrue(refusal.getMessage().endsWith("whose scope has closed"), refusal.getMessage());
  }

  @Test
  void scopesBelongToTheirThreadAndCloseInnermostFirst() throws InterruptedException {
    Scope outer = Scope.open();
    Scope inner = Scope.open();
    assertThrows(IllegalStateException.class, outer::close);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicReference<Tensor> elsewhere = new AtomicReference<>();
    Thread other = Thread.ofPlatform().start(() -> {
      elsewhere.set(tensor(5));
      try {
        inner.close();
      } catch (IllegalStateException e) {
        thrown.set(e);
      }
    });
    other.join();
    assertTrue(thrown.get() instanceof IllegalStateException);
    inner.close();
    inner.close();
    outer.close();
    assertEquals(5, elsewhere.get().item());
    assertThrows(IllegalStateException.class, () -> outer.keep(elsewhere.get()));
    assertFalse(outer.takesTensors());
  }

  private static Tensor tensor(double... values) {
    return Tensor.of(REFERENCE, values, values.length);
  }
}
