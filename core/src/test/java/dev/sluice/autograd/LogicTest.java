package dev.sluice.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.Shape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.testing.EveryBackend;
import org.junit.jupiter.api.Test;

class LogicTest {
  @Test
  void truthTables() {
    for (Backend backend : EveryBackend.all()) {
      Tensor x = Tensor.of(backend, new boolean[] {false, false, true, true}, 4);
      Tensor y = Tensor.of(backend, new boolean[] {false, true, false, true}, 4);
      assertArrayEquals(new boolean[] {false, true, true, true}, Logic.or(x, y).toBooleans(), backend.id());
      assertArrayEquals(new boolean[] {true, false, false, false}, Logic.nor(x, y).toBooleans(), backend.id());
      assertArrayEquals(new boolean[] {true, true, false, false}, Logic.not(x).toBooleans(), backend.id());
    }
  }

  @Test
  void shapesStretch() {
    for (Backend backend : EveryBackend.all()) {
      Tensor column = Tensor.of(backend, new boolean[] {false, true}, 2, 1);
      Tensor row = Tensor.of(backend, new boolean[] {false, true, false}, 3);
      Tensor either = Logic.or(column, row);
      assertEquals(Shape.of(2, 3), either.shape());
      assertArrayEquals(new boolean[] {false, true, false, true, true, true}, either.toBooleans(), backend.id());
    }
  }
}
