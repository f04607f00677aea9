package dev.sluice.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.backend.referencefloat.FloatReferenceBackend;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import dev.sluice.spi.BackendProvider;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClampSpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.EmbeddingSpec;
import dev.sluice.spi.SgdSpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What the backend refuses, its transfers and its provider. */
class ReferenceArgumentsTest {
  private static final UnarySpec EXP = UnarySpec.of(UnaryOp.EXP, 2);
  private final ReferenceBackend backend = new ReferenceBackend();
  private final Kit kit = new Kit(backend);

  @Test
  void buffersAreChecked() {
    refused("unary: x has 1 elements, wanted at least 2",
        () -> backend.elementwise().unary(EXP, kit.empty(1), kit.empty(2)));
    refused("unary: y holds INT32, wanted REAL",
        () -> backend.elementwise().unary(EXP, kit.empty(2), kit.integers(1, 2)));
    Buffer foreign = new FloatReferenceBackend().allocate(ElementType.REAL, 2);
    refused("unary: x is a FloatReferenceBuffer, wanted a buffer of the reference backend",
        () -> backend.elementwise().unary(EXP, foreign, kit.empty(2)));
    refused("embedding: indices[1] is 3, wanted 0 to 2",
        () -> backend.embedding().embedding(new EmbeddingSpec(2, 3, 1, -1), kit.empty(3), kit.integers(0, 3),
        kit.empty(2)));
  }

  @Test
  void listsAreChecked() {
    SgdSpec spec = new SgdSpec(1, 0.9, 0, 0, false, false, true);
    refused("sgd: velocities is null, wanted a list of buffers",
        () -> backend.optimizer().sgd(spec, List.of(kit.empty(1)), List.of(kit.empty(1)), null));
    refused("sgd: gradients has 0 buffers, wanted 1",
        () -> backend.optimizer().sgd(spec, List.of(kit.empty(1)), List.of(), List.of(kit.empty(1))));
    refused("sgd: gradients[0] has 2 elements, wanted 1",
        () -> backend.optimizer().sgd(spec, List.of(kit.empty(1)), List.of(kit.empty(2)), List.of(kit.empty(1))));
    refused("clamp: tensors[1] holds BOOL, wanted REAL",
        () -> backend.clipping().clamp(new ClampSpec(0, 1), List.of(kit.empty(1), kit.booleans(true))));
  }

  @Test
  void aClosedBufferIsAnIllegalState() {
    Buffer closed = kit.reals(1, 2);
    closed.close();
    closed.close();
    assertTrue(closed.isClosed());
    Executable use = () -> backend.elementwise().unary(EXP, closed, kit.empty(2));
    assertEquals("unary: x is closed", assertThrows(IllegalStateException.class, use).getMessage());
    Executable read = () -> kit.values(closed);
    assertEquals("read: source is closed", assertThrows(IllegalStateException.class, read).getMessage());
  }

  @Test
  void aClosedBackendIsAnIllegalState() {
    ReferenceBackend other = new ReferenceBackend();
    other.close();
    other.close();
    assertThrows(IllegalStateException.class, other::memory);
    assertThrows(IllegalStateException.class, () -> other.allocate(ElementType.REAL, 1));
    assertThrows(IllegalStateException.class, () -> other.write(new double[1], 0, kit.empty(1), 0, 1));
  }

  @Test
  void transfersConvertAndKeepToTheirRange() {
    Buffer reals = kit.reals(1, 2, 3);
    backend.write(new float[] {9, 0.1f, 9}, 1, reals, 2, 1);
    assertArrayEquals(new double[] {1, 2, 0.1f}, kit.values(reals));
    float[] floats = new float[3];
    backend.read(reals, 1, floats, 0, 2);
    assertArrayEquals(new float[] {2, 0.1f, 0}, floats);
    boolean[] booleans = new boolean[2];
    backend.read(kit.booleans(false, true), 1, booleans, 1, 1);
    assertArrayEquals(new boolean[] {false, true}, booleans);
    assertArrayEquals(new int[] {4, 5}, kit.integers(kit.integers(4, 5)));
    refused("write: target is walked from 2 for 2 elements, wanted a part of its 3",
        () -> backend.write(new double[2], 0, reals, 2, 2));
    refused("read: source is walked from -1 for 1 elements, wanted a part of its 3",
        () -> backend.read(reals, -1, new double[1], 0, 1));
    refused("read: source holds REAL, wanted INT32", () -> backend.read(reals, 0, new int[1], 0, 1));
    refused("allocate: length is -1, wanted 0 or more", () -> backend.allocate(ElementType.REAL, -1));
  }

  @Test
  void isFoundAsAProvider() {
    BackendProvider provider = ServiceLoader.load(BackendProvider.class).stream().map(ServiceLoader.Provider::get)
        .filter(candidate -> candidate.id().equals("reference")).findFirst().orElseThrow();
    assertEquals(0, provider.priority());
    assertTrue(provider.probe().usable());
    try (Backend made = provider.create(new BackendOptions(4))) {
      assertEquals("reference", made.id());
    }
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
