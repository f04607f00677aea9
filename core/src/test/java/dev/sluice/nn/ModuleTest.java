package dev.sluice.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.autograd.Arithmetic;
import dev.sluice.autograd.Pointwise;
import dev.sluice.autograd.Reductions;
import dev.sluice.backend.referencefloat.FloatReferenceBackend;
import dev.sluice.nn.recurrent.LSTM;
import dev.sluice.nn.recurrent.RecurrentOptions;
import dev.sluice.spi.Backend;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModuleTest {
  /** A module as a user writes one: its own parameter, an encoder, a head, and the head's weight a second time. */
  private static final class Classifier extends Module {
    final LSTM encoder;
    final Linear head;

    Classifier(Generator generator) {
      parameter("scale", Tensor.ones(1));
      encoder = register("encoder", new LSTM(RecurrentOptions.of(3, 4).withBidirectional(true), generator));
      head = register("head", new Linear(8, 2, generator));
      parameter("tied", head.weight());
    }

    Tensor scale() {
      return parameter("scale");
    }

    Tensor tied() {
      return parameter("tied");
    }
  }

  @Test
  void parametersAreNamedAsInTorchInTheOrderOfRegistration() {
    var classifier = new Classifier(new Generator(1));
    assertEquals(List.of("scale", "tied", "encoder.weight_ih_l0", "encoder.weight_hh_l0", "encoder.bias_ih_l0",
        "encoder.bias_hh_l0", "encoder.weight_ih_l0_reverse", "encoder.weight_hh_l0_reverse",
        "encoder.bias_ih_l0_reverse", "encoder.bias_hh_l0_reverse", "head.bias"),
        List.copyOf(classifier.namedParameters().keySet()));
    assertEquals(11, classifier.parameters().size());
    assertEquals(List.of("encoder", "head"), List.copyOf(classifier.children().keySet()));
    assertEquals("encoder.weight_ih_l0 (16, 3)", classifier.parameters().get(2).describe());
    assertTrue(classifier.parameters().stream().allMatch(Tensor::requiresGrad));
  }

  @Test
  void sequentialNamesModulesByPositionAndRunsInOrder() {
    var inner = new Sequential(new Linear(3, 3, new Generator(2)));
    var model = new Sequential(new Linear(2, 3, new Generator(1)), Pointwise::relu, inner);
    assertEquals(List.of("0.weight", "0.bias", "2.0.weight", "2.0.bias"),
        List.copyOf(model.namedParameters().keySet()));
    assertEquals("2.0.bias (3)", model.parameters().getLast().describe());
    assertEquals(3, model.layers().size());
    Tensor input = Tensor.of(new float[] {1, -2}, 1, 2);
    Tensor expected = inner.forward(Pointwise.relu(model.layers().getFirst().forward(input)));
    assertArrayEquals(expected.toDoubles(), model.forward(input).toDoubles());
  }

  @Test
  void trainingReachesEveryModuleBelow() {
    var dropout = new Dropout(0.5, new Generator(1));
    var model = new Sequential(new Sequential(dropout));
    assertTrue(model.isTraining() && dropout.isTraining());
    model.eval();
    assertFalse(model.isTraining() || dropout.isTraining());
    model.train();
    assertTrue(model.isTraining() && dropout.isTraining());
  }

  @Test
  void movingReplacesParametersByEqualLeavesElsewhere() {
    Backend other = new FloatReferenceBackend();
    var classifier = new Classifier(new Generator(1));
    List<Tensor> before = classifier.parameters();
    classifier.scale().requiresGrad(false);
    Reductions.sum(Arithmetic.mul(classifier.tied(), 2)).backward();
    classifier.to(other);
    List<Tensor> after = classifier.parameters();
    assertEquals(before.size(), after.size());
    for (int i = 0; i < after.size(); i++) {
      assertNotSame(before.get(i), after.get(i));
      assertSame(other, after.get(i).backend());
      assertTrue(after.get(i).isLeaf());
      assertNull(after.get(i).gradient());
      assertArrayEquals(before.get(i).toFloats(), after.get(i).toFloats());
      assertEquals(before.get(i).describe(), after.get(i).describe());
      assertEquals(before.get(i).requiresGrad(), after.get(i).requiresGrad());
    }
    assertSame(classifier.tied(), classifier.head.weight());
    assertFalse(classifier.scale().requiresGrad());
    classifier.to(other);
    assertSame(after.getFirst(), classifier.parameters().getFirst());
    Tensor input = Tensor.full(other, Shape.of(2, 1, 3), 1);
    assertSame(other, classifier.head.forward(classifier.encoder.forward(input).output()).backend());
  }

  @Test
  void badRegistrationsAreRefused() {
    assertRefused("module: name is '', wanted one that is not empty and has no dot", "", Tensor.ones(1));
    assertRefused("module: name is 'a.b', wanted one that is not empty and has no dot", "a.b", Tensor.ones(1));
    assertRefused("module: name bias is taken, wanted another one", "bias", Tensor.ones(1));
    Tensor made = Arithmetic.mul(Tensor.ones(1).requiresGrad(true), 2);
    assertRefused("module: parameter made is result of mul (1), wanted a leaf", "made", made);
    assertEquals("module: parameter is weight, wanted one of [bias]",
        assertThrows(IllegalArgumentException.class, () -> new Module() {
          void read() {
            parameter("bias", Tensor.ones(1));
            parameter("weight");
          }
        }.read()).getMessage());
  }

  private static void assertRefused(String message, String name, Tensor value) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, () -> new Module() {
      void registerTwo() {
        parameter("bias", Tensor.ones(1));
        parameter(name, value);
      }
    }.registerTwo()).getMessage());
  }
}
