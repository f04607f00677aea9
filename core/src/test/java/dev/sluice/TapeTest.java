package dev.sluice;

import static dev.sluice.autograd.Arithmetic.add;
import static dev.sluice.autograd.Arithmetic.mul;
import static dev.sluice.autograd.Pointwise.square;
import static dev.sluice.autograd.Reductions.sum;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.autograd.Shaping;
import dev.sluice.spi.Backend;
import dev.sluice.testing.CheckingBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tape: accumulation, order, hooks, what is refused. */
class TapeTest {
  private static final Backend REFERENCE = Backends.get("reference");

  @Test
  void gradientsOfAllUsesAddUpAndAccumulateOverBackwards() {
    Tensor x = leaf(3, 4);
    Tensor y = add(mul(x, 2), mul(x, 3));
    sum(y).backward();
    assertGradient(x, 5, 5);
    sum(square(x)).backward();
    assertGradient(x, 5 + 6, 5 + 8);
    x.clearGradient();
    assertNull(x.gradient());
  }

  @Test
  void aTensorUsedTwiceByOneOperationGetsBothParts() {
    Tensor x = leaf(3);
    mul(x, x).backward();
    assertGradient(x, 6);
    Tensor z = leaf(2);
    Tensor sum = add(z, z);
    mul(sum, sum).backward();
    assertGradient(z, 16);
  }

  @Test
  void aGradientThatIsPassedOnUnchangedIsNotShared() {
    Tensor a = leaf(1);
    Tensor b = leaf(2);
    Tensor y = add(a, b);
    y.backward(null, true);
    y.backward(null, true);
    assertGradient(a, 2);
    assertGradient(b, 2);
  }

  @Test
  void aGradientThatAnOperationMadeIsTakenAsItIs() {
    CheckingBackend backend = new CheckingBackend(REFERENCE);
    Tensor x = Tensor.of(backend, new double[] {3, 4}).requiresGrad(true);
    Tensor y;
    try (Scope step = Scope.open()) {
      y = sum(square(x));
      long copies = backend.counts().of("memory.copy");
      y.backward();
      assertEquals(copies, backend.counts().of("memory.copy"));
    }
    assertGradient(x, 6, 8);
  }

  @Test
  void aGradientThatSomethingElseUsesIsCopied() {
    Tensor kept = tensor(7);
    Tensor a = leaf(1);
    Tensor b = leaf(2);
    Tensor y = tensor(3);
    Tape.record("kept", List.of(a), List.of(), List.of(y), _ -> new Tensor[] {kept});
    y.backward();
    a.gradient().fill(0);
    assertEquals(7, kept.item());

    Tensor z = tensor(3);
    Tape.record("twice", List.of(a, b), List.of(), List.of(z), _ -> {
      Tensor one = tensor(5);
      return new Tensor[] {one, one};
    });
    a.clearGradient();
    a.registerPostAccumulateGradHook(leaf -> leaf.gradient().fill(0));
    z.backward();
    assertGradient(a, 0);
    assertGradient(b, 5);

    List<Tensor> seen = new ArrayList<>();
    Tensor c = leaf(1);
    c.registerHook(gradient -> {
      seen.add(gradient);
      return null;
    });
    square(c).backward();
    c.gradient().fill(0);
    assertEquals(2, seen.getFirst().item());
  }

  @Test
  void aGivenGradientWeighsTheOutputs() {
    Tensor x = leaf(3, 4);
    square(x).backward(tensor(10, 100), false);
    assertGradient(x, 60, 800);
    assertThrows(IllegalArgumentException.class, () -> square(x).backward(), "two elements and no gradient");
    assertThrows(IllegalArgumentException.class, () -> square(x).backward(tensor(1), false));
  }

  @Test
  void theLeafItselfCanBeTheRoot() {
    Tensor x = leaf(3);
    x.backward();
    x.backward();
    assertGradient(x, 2);
  }

  @Test
  void nothingIsRecordedWithoutNeed() {
    Tensor constant = tensor(1, 2);
    assertFalse(square(constant).requiresGrad());
    Tensor x = leaf(3);
    try (Tape.NoGrad _ = Tape.noGrad()) {
      assertFalse(square(x).requiresGrad());
      try (Tape.NoGrad _ = Tape.noGrad()) {
        assertFalse(square(x).requiresGrad());
      }
      assertFalse(square(x).requiresGrad(), "an inner stretch ended");
    }
    assertTrue(square(x).requiresGrad());
    IllegalStateException refusal = assertThrows(IllegalStateException.class, () -> sum(constant).backward());
    assertTrue(refusal.getMessage().startsWith("backward: tensor () does not require a gradient"),
        refusal.getMessage());
  }

  @Test
  void detachLeavesTheTapeAndSharesTheElements() {
    Tensor x = leaf(3);
    Tensor y = square(x);
    Tensor cut = y.detach();
    assertTrue(cut.isLeaf());
    assertFalse(cut.requiresGrad());
    mul(y, cut).backward();
    assertGradient(x, 6 * 9);
    cut.fill(1);
    assertEquals(1, y.item());
  }

  @Test
  void retainGradKeepsWhatTheHooksLeft() {
    Tensor x = leaf(3);
    Tensor y = square(x);
    y.retainGrad();
    y.registerHook(gradient -> mul(gradient, 200));
    mul(y, 4).backward();
    assertGradient(y, 800);
    assertGradient(x, 4800);
    assertNull(square(x).gradient());
  }

  @Test
  void aLeafHookSeesTheSumOfOneBackwardOnceBeforeAccumulation() {
    Tensor x = leaf(1);
    List<Double> seen = new ArrayList<>();
    List<Double> accumulatedAtThatTime = new ArrayList<>();
    x.registerHook(gradient -> {
      seen.add(gradient.item());
      accumulatedAtThatTime.add(x.gradient() == null ? Double.NaN : x.gradient().item());
      return mul(gradient, 10);
    });
    add(mul(x, 2), mul(x, 3)).backward();
    mul(x, 7).backward();
    assertEquals(List.of(5.0, 7.0), seen);
    assertEquals(List.of(Double.NaN, 50.0), accumulatedAtThatTime);
    assertGradient(x, 50 + 70);
  }

  @Test
  void hooksRunInTheOrderOfRegistrationAndEachSeesTheOneBefore() {
    Tensor x = leaf(1);
    List<String> calls = new ArrayList<>();
    x.registerHook(gradient -> {
      calls.add("first " + gradient.item());
      return add(gradient, 1);
    });
    HookHandle second = x.registerHook(gradient -> {
      calls.add("second " + gradient.item());
      return mul(gradient, 2);
    });
    x.registerHook(gradient -> {
      calls.add("third " + gradient.item());
      return null;
    });
    mul(x, 3).backward();
    assertEquals(List.of("first 3.0", "second 4.0", "third 8.0"), calls);
    assertGradient(x, 8);

    second.remove();
    second.remove();
    x.clearGradient();
    mul(x, 3).backward();
    assertGradient(x, 4);
  }

  @Test
  void aHandleRemovesItsOwnRegistrationOnly() {
    Tensor x = leaf(1);
    GradientHook twice = gradient -> mul(gradient, 2);
    HookHandle first = x.registerHook(twice);
    x.registerHook(twice);
    first.remove();
    mul(x, 1).backward();
    assertGradient(x, 2);
    try (HookHandle _ = x.registerHook(gradient -> mul(gradient, 0))) {
      mul(x, 1).backward();
      assertGradient(x, 2);
    }
    mul(x, 1).backward();
    assertGradient(x, 4);
  }

  @Test
  void aHookOnAnInnerTensorChangesWhatFlowsOn() {
    Tensor x = leaf(3);
    Tensor y = square(x);
    y.registerHook(gradient -> mul(gradient, -1));
    add(y, y).backward();
    assertGradient(x, -12);
  }

  @Test
  void postAccumulateHooksRunAfterAndMayClear() {
    Tensor x = leaf(3);
    List<Double> seen = new ArrayList<>();
    x.registerPostAccumulateGradHook(leaf -> {
      seen.add(leaf.gradient().item());
      leaf.clearGradient();
    });
    x.registerHook(gradient -> mul(gradient, 2));
    mul(x, 5).backward();
    mul(x, 5).backward();
    assertEquals(List.of(10.0, 10.0), seen);
    assertNull(x.gradient());
  }

  @Test
  void aLeafIsDoneAsSoonAsItsLastUseHasRun() {
    Tensor first = leaf(2);
    Tensor last = leaf(3);
    List<String> order = new ArrayList<>();
    first.registerPostAccumulateGradHook(_ -> order.add("first"));
    last.registerPostAccumulateGradHook(_ -> order.add("last"));
    mul(square(first), last).backward();
    assertEquals(List.of("last", "first"), order);
  }

  @Test
  void aLeafFrozenAfterItsUseGetsNothing() {
    Tensor x = leaf(3);
    Tensor frozen = leaf(4);
    Tensor y = mul(x, frozen);
    frozen.requiresGrad(false);
    y.backward();
    assertGradient(x, 4);
    assertNull(frozen.gradient());
  }

  @Test
  void noHookWhereNoGradientArrives() {
    Tensor used = leaf(1);
    Tensor unused = leaf(1, 1);
    unused.registerHook(_ -> {
      throw new AssertionError("called");
    });
    Tape.record("custom", List.of(used, unused), List.of(), List.of(used.detach()), _ -> new Tensor[2]);
    Tensor y = used.detach();
    Tape.record("custom", List.of(used, unused), List.of(), List.of(y), gradients -> new Tensor[] {gradients[0], null});
    y.backward();
    assertGradient(used, 1);
    assertNull(unused.gradient());
  }

  @Test
  void badHooksAreRefused() {
    Tensor constant = tensor(1);
    IllegalStateException refusal = assertThrows(IllegalStateException.class, () -> constant.registerHook(g -> g));
    assertEquals("registerHook: cannot register a hook on a tensor that doesn't require gradient: tensor (1)",
        refusal.getMessage());
    Tensor x = leaf(1);
    assertThrows(IllegalStateException.class, () -> square(x).registerPostAccumulateGradHook(_ -> {}));
    x.registerHook(_ -> tensor(1, 2));
    IllegalArgumentException shape = assertThrows(IllegalArgumentException.class, () -> square(x).backward());
    assertEquals("backward: gradient returned by a hook of tensor (1) is REAL (2), wanted REAL (1)",
        shape.getMessage());
  }

  @Test
  void aSecondWalkIsRefusedUnlessTheGraphIsRetained() {
    Tensor x = leaf(3);
    Tensor y = square(x);
    y.backward(null, true);
    y.backward();
    assertGradient(x, 12);
    IllegalStateException refusal = assertThrows(IllegalStateException.class, y::backward);
    assertEquals("backward: the tape of square was walked before; ask the first backward to retain the graph",
        refusal.getMessage());
    assertGradient(x, 12);
  }

  @Test
  void aTensorChangedInPlaceSinceItWasSavedIsRefusedBeforeAnythingIsAccumulated() {
    Tensor x = leaf(3).named("x");
    Tensor other = leaf(4);
    Tensor y = add(square(x), mul(other, 2));
    x.fill(5);
    IllegalStateException refusal = assertThrows(IllegalStateException.class, y::backward);
    assertTrue(refusal.getMessage().startsWith("backward: square needs x (1), which was changed in place since"),
        refusal.getMessage());
    assertNull(other.gradient());
    Tensor view = Shaping.reshape(leaf(1, 2), 2, 1);
    Tensor product = mul(view, view);
    view.markModified();
    assertThrows(IllegalStateException.class, () -> sum(product).backward());
  }

  @Test
  void onlyLeavesChangeWhetherTheyRequireAGradient() {
    Tensor x = leaf(1);
    assertThrows(IllegalStateException.class, () -> square(x).requiresGrad(false));
    assertThrows(IllegalStateException.class, () -> Tensor.of(REFERENCE, new int[] {1}).requiresGrad(true));
  }

  @Test
  void anOperationThatReturnsNonsenseIsNamed() {
    Tensor x = leaf(1);
    Tensor y = x.detach();
    Tape.record("custom", List.of(x), List.of(), List.of(y), _ -> new Tensor[] {tensor(1, 2)});
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, y::backward);
    assertEquals("backward: gradient from custom is REAL (2), wanted REAL (1)", refusal.getMessage());
  }

  private static Tensor leaf(double... values) {
    return tensor(values).requiresGrad(true);
  }

  private static Tensor tensor(double... values) {
    return Tensor.of(REFERENCE, values, values.length);
  }

  private static void assertGradient(Tensor tensor, double... expected) {
    assertArrayEquals(expected, tensor.gradient().toDoubles());
  }
}
