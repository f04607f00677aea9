package dev.sluice.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Scope;
import dev.sluice.Tensor;
import dev.sluice.autograd.Reductions;
import dev.sluice.backend.referencefloat.FloatReferenceBackend;
import dev.sluice.spi.Backend;
import dev.sluice.spi.ElementType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StateDictTest {
  /** A layer, the statistics it keeps, and its weight a second time. */
  private static final class Model extends Module {
    final Linear layer;

    Model(int seed) {
      parameter("scale", Tensor.of(new float[] {seed}, 1));
      buffer("mean", Tensor.of(new float[] {seed, 2}, 2));
      layer = register("layer", new Linear(3, 2, new Generator(seed)));
      register("norm", new Counter());
      parameter("tied", layer.weight());
    }

    Tensor mean() {
      return buffer("mean");
    }
  }

  private static final class Counter extends Module {
    Counter() {
      buffer("steps", Tensor.of(new int[] {1}));
      buffer("mask", Tensor.of(new boolean[] {true, false}, 2));
    }

    Tensor steps() {
      return buffer("steps");
    }
  }

  private static StateDict with(StateDict state, Map<String, HostTensor> others) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>(state.tensors());
    tensors.putAll(others);
    return new StateDict(tensors);
  }

  private static StateDict without(StateDict state, String... names) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>(state.tensors());
    tensors.keySet().removeAll(List.of(names));
    return new StateDict(tensors);
  }

  private static String refusal(Module module, StateDict state, boolean strict) {
    return assertThrows(IllegalArgumentException.class, () -> module.loadStateDict(state, strict)).getMessage();
  }

  private static void assertSameState(StateDict wanted, StateDict state) {
    assertEquals(List.copyOf(wanted.tensors().keySet()), List.copyOf(state.tensors().keySet()));
    wanted.tensors().forEach((name, tensor) -> {
      HostTensor other = state.tensor(name);
      assertEquals(tensor.shape(), other.shape());
      switch (tensor) {
        case HostTensor.Floats(_, float[] values) ->
            assertArrayEquals(values, ((HostTensor.Floats) other).values(), name);
        case HostTensor.Ints(_, int[] values) -> assertArrayEquals(values, ((HostTensor.Ints) other).values(), name);
        case HostTensor.Booleans(_, boolean[] values) ->
            assertArrayEquals(values, ((HostTensor.Booleans) other).values(), name);
        case HostTensor.Doubles _, HostTensor.Longs _ -> throw new AssertionError(name + " is " + tensor.kind());
      }
    });
  }

  @Test
  void buffersAreStateAndNotParameters() {
    var model = new Model(1);
    assertEquals(List.of("scale", "tied", "layer.bias"), List.copyOf(model.namedParameters().keySet()));
    assertEquals(List.of("mean", "norm.steps", "norm.mask"), List.copyOf(model.namedBuffers().keySet()));
    assertEquals(List.of("scale", "tied", "mean", "layer.weight", "layer.bias", "norm.steps", "norm.mask"),
        List.copyOf(model.stateDict().tensors().keySet()));
    assertEquals("norm.mask (2)", model.namedBuffers().get("norm.mask").describe());
    assertTrue(model.namedBuffers().values().stream().noneMatch(Tensor::requiresGrad));
    Backend other = new FloatReferenceBackend();
    StateDict before = model.stateDict();
    model.to(other);
    assertSame(other, model.mean().backend());
    assertTrue(model.namedBuffers().values().stream().allMatch(b -> b.backend() == other && !b.requiresGrad()));
    assertSameState(before, model.stateDict());
    assertEquals("norm.mask (2)", model.namedBuffers().get("norm.mask").describe());
  }

  @Test
  void badBuffersAreRefused() {
    var counter = new Counter();
    assertEquals("module: name steps is taken, wanted another one", assertThrows(IllegalArgumentException.class,
        () -> counter.parameter("steps", Tensor.ones(1))).getMessage());
    assertEquals("module: buffer b is tensor (1), wanted a leaf that requires no gradient",
        assertThrows(IllegalArgumentException.class, () -> counter.buffer("b", Tensor.ones(1).requiresGrad(true)))
            .getMessage());
    assertEquals("module: buffer is b, wanted one of [steps, mask]",
        assertThrows(IllegalArgumentException.class, () -> counter.buffer("b")).getMessage());
  }

  @Test
  void stateIsACopyThatComesBackInPlace() {
    var model = new Model(1);
    Tensor weight = model.layer.weight();
    StateDict state = model.stateDict();
    StateDict.Mismatch mismatch = model.loadStateDict(new Model(2).stateDict(), true);
    assertEquals(new StateDict.Mismatch(List.of(), List.of()), mismatch);
    assertSameState(new Model(2).stateDict(), model.stateDict());
    model.loadStateDict(state, true);
    assertSameState(new Model(1).stateDict(), model.stateDict());
    assertSame(weight, model.layer.weight());
    assertEquals("stateDict: name is nothing, wanted one of [scale, tied, mean, layer.weight, layer.bias, norm.steps,"
        + " norm.mask]", assertThrows(IllegalArgumentException.class, () -> state.tensor("nothing")).getMessage());
  }

  @Test
  void everythingThatDoesNotFitIsListedAndNothingIsLoaded() {
    var model = new Model(1);
    StateDict wrong = without(with(new Model(2).stateDict(), Map.of("layer.bias", HostTensor.of(new float[3], 3),
        "norm.steps", HostTensor.of(new float[1]))), "scale", "tied", "layer.weight");
    wrong = with(with(wrong, Map.of("x", HostTensor.of(new float[1], 1))),
        Map.of("layer.y", HostTensor.of(new int[] {1})));
    assertEquals("loadStateDict: state has missing scale, tied; unexpected x, layer.y; "
        + "misshapen layer.bias (3) for (2), norm.steps float () for INT32, wanted what Model has",
        refusal(model, wrong, true));
    assertEquals("loadStateDict: state has misshapen layer.bias (3) for (2), norm.steps float () for INT32, "
        + "wanted what Model has", refusal(model, wrong, false));
    assertSameState(new Model(1).stateDict(), model.stateDict());
  }

  @Test
  void lenientLoadingSaysWhatOnlyOneSideHas() {
    var model = new Model(1);
    StateDict partial = with(without(new Model(2).stateDict(), "scale", "norm.mask"),
        Map.of("x", HostTensor.of(new float[1], 1)));
    assertEquals(new StateDict.Mismatch(List.of("scale", "norm.mask"), List.of("x")),
        model.loadStateDict(partial, false));
    assertSameState(with(new Model(2).stateDict(), Map.of("scale", HostTensor.of(new float[] {1}, 1))),
        model.stateDict());
  }

  @Test
  void aTiedParameterIsFoundUnderEitherName() {
    for (String absent : List.of("tied", "layer.weight")) {
      var model = new Model(1);
      model.loadStateDict(without(new Model(2).stateDict(), absent), true);
      assertSameState(new Model(2).stateDict(), model.stateDict());
    }
    assertEquals("loadStateDict: state has missing tied, wanted what Model has",
        refusal(new Model(1), without(new Model(2).stateDict(), "tied", "layer.weight"), true));
  }

  @Test
  void typesThatFitAreConvertedAndOthersRefused() {
    var model = new Model(1);
    model.loadStateDict(new StateDict(Map.of("mean", HostTensor.of(new double[] {0.1, 0.5}, 2), "norm.steps",
        HostTensor.of(new long[] {Integer.MAX_VALUE}))), false);
    assertArrayEquals(new float[] {0.1f, 0.5f}, model.mean().toFloats());
    assertArrayEquals(new int[] {Integer.MAX_VALUE}, model.namedBuffers().get("norm.steps").toInts());
    assertEquals(ElementType.INT32, model.namedBuffers().get("norm.steps").type());
    assertTrue(refusal(model, new StateDict(Map.of("norm.steps", HostTensor.of(new long[] {1L << 31}))), false)
        .contains("misshapen norm.steps long () for INT32"));
    assertTrue(refusal(model, new StateDict(Map.of("mean", HostTensor.of(new int[2], 2))), false)
        .contains("misshapen mean int (2) for REAL"));
    assertTrue(refusal(model, new StateDict(Map.of("norm.mask", HostTensor.of(new float[2], 2))), false)
        .contains("misshapen norm.mask float (2) for BOOL"));
    assertEquals("hostTensor: 3 values for shape (2), wanted 2",
        assertThrows(IllegalArgumentException.class, () -> HostTensor.of(new float[3], 2)).getMessage());
  }

  @Test
  void aBackwardThroughOldValuesIsRefused() {
    var layer = new Linear(2, 2, new Generator(1));
    Tensor input = Tensor.ones(1, 2).requiresGrad(true);
    Tensor loss = Reductions.sum(layer.forward(input));
    layer.loadStateDict(new Linear(2, 2, new Generator(2)).stateDict(), true);
    assertThrows(IllegalStateException.class, loss::backward);
    Reductions.sum(layer.forward(input)).backward();
    assertNotNull(layer.weight().gradient());
    Tensor gradient = layer.weight().gradient();
    layer.loadStateDict(layer.stateDict(), true);
    assertSame(gradient, layer.weight().gradient());
  }

  @Test
  void aTensorWhoseScopeHasClosedStopsTheLoadBeforeItBegins() {
    final class Late extends Module {
      Late() {
        buffer("first", Tensor.ones(1));
        try (Scope _ = Scope.open()) {
          buffer("second", Tensor.ones(1));
        }
      }

      Tensor first() {
        return buffer("first");
      }
    }

    var late = new Late();
    StateDict state = new StateDict(Map.of("first", HostTensor.of(new float[] {7}, 1), "second",
        HostTensor.of(new float[] {7}, 1)));
    assertThrows(IllegalStateException.class, () -> late.loadStateDict(state, true));
    assertArrayEquals(new float[] {1}, late.first().toFloats());
  }
}
