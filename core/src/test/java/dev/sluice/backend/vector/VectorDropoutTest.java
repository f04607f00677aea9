package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.Agreement.check;
import static dev.sluice.backend.vector.Agreement.empty;
import static dev.sluice.backend.vector.Agreement.random;
import static dev.sluice.backend.vector.Agreement.reals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.DropoutSpec;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class VectorDropoutTest {
  @Test
  void masksAreThoseOfTheReference() {
    for (int length : Agreement.LENGTHS) {
      for (double probability : new double[] {0, 0.1, 0.5, 0.999, 1}) {
        DropoutSpec spec = new DropoutSpec(length, new Dropout(probability, 0x123456789ABCDEFL, 0xFFFFFFFEL));
        check(spec.toString(), 1, backend -> {
          Buffer y = empty(backend, length);
          Buffer gradX = empty(backend, length);
          backend.dropout().dropout(spec, reals(backend, random(1, length)), y);
          backend.dropout().dropoutBackward(spec, reals(backend, random(2, length)), gradX);
          return List.of(y, gradX);
        });
      }
    }
  }

  @Test
  void aDroppedNanDoesNotLeak() {
    Backend backend = Agreement.VECTOR.getFirst();
    float[] nans = new float[100];
    Arrays.fill(nans, Float.NaN);
    Dropout dropout = new Dropout(0.5, 1, 2);
    Buffer y = empty(backend, 100);
    backend.dropout().dropout(new DropoutSpec(100, dropout), reals(backend, nans), y);
    float[] read = new float[100];
    backend.read(y, 0, read, 0, 100);
    for (int i = 0; i < 100; i++) {
      assertEquals(dropout.keeps(i), Float.isNaN(read[i]));
    }
  }
}
