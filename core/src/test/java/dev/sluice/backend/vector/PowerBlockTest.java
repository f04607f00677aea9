package dev.sluice.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PowerBlockTest {
  private static final float[] BASES = {0, -0f, 1, -1, 2, -2, 3, 10, 0.3f, -2.5f, Math.nextUp(1f), Math.nextDown(1f),
      Float.MIN_VALUE, -Float.MIN_VALUE, 1e-41f, Float.MIN_NORMAL, Float.MAX_VALUE, Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY, Float.NaN};
  private static final float[] EXPONENTS = {0, -0f, 1, -1, 2, -2, 3, -3, 0.5f, -0.5f, 2.5f, 1 / 3f, 127, -149, 1e6f,
      -999_999, 1 << 20, (1 << 20) + 1, 16_777_215, 1e30f, Float.MIN_VALUE, -Float.MIN_VALUE, Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY, Float.NaN};

  private final PowerBlock block = new PowerBlock();

  @Test
  void specialValuesAreThoseOfPow() {
    for (float exponent : EXPONENTS) {
      for (int i = 0; i < BASES.length; i++) {
        block.bases[i] = BASES[i];
        block.exponents[i] = exponent;
      }
      checkAll(BASES.length);
    }
  }

  @Test
  void floatsAreWithinOneUlp() {
    Random random = new Random(1);
    for (int round = 0; round < 2000; round++) {
      for (int i = 0; i < PowerBlock.SIZE; i++) {
        block.bases[i] = (float) Math.exp(random.nextGaussian() * 20);
        block.exponents[i] = (float) (random.nextGaussian() * 4);
      }
      checkAll(PowerBlock.SIZE);
    }
  }

  @Test
  void logarithmsAreThoseOfTheBases() {
    for (int i = 0; i < BASES.length; i++) {
      block.bases[i] = BASES[i];
      block.exponents[i] = 1;
    }
    block.raise(BASES.length);
    for (int i = 0; i < BASES.length; i++) {
      assertEquals((float) StrictMath.log(BASES[i]), (float) block.log(i), "log " + BASES[i]);
    }
  }

  @Test
  void anElementDoesNotHangOnItsPlace() {
    for (int i = 0; i < PowerBlock.SIZE; i++) {
      block.bases[i] = 1.7f;
      block.exponents[i] = 0.3f;
    }
    block.raise(PowerBlock.SIZE);
    for (double power : block.powers) {
      assertEquals(block.powers[0], power);
    }
  }

  private void checkAll(int n) {
    block.raise(n);
    for (int i = 0; i < n; i++) {
      float wanted = (float) StrictMath.pow(block.bases[i], block.exponents[i]);
      float power = (float) block.powers[i];
      String what = block.bases[i] + " to the power of " + block.exponents[i];
      if (wanted == 0 || !Float.isFinite(wanted)) {
        assertEquals(wanted, power, what);
      } else {
        assertEquals(wanted, power, Math.ulp(wanted), what);
      }
    }
  }
}
