package dev.sluice.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DivisorTest {
  private static final int RANDOM_NUMBERS = 2000;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 641, 65535, 65536, 65537, 1 << 30, (1 << 30) + 1, Integer.MAX_VALUE})
  void quotientsAreThoseOfADivision(int divisor) {
    int[] members = new int[Divisor.MEMBERS];
    Divisor.pack(divisor, members, 0);
    Random random = new Random(divisor);
    for (int i = 0; i < RANDOM_NUMBERS; i++) {
      assertQuotient(members, random.nextInt(Integer.MAX_VALUE), divisor);
    }
    for (long multiple = 0; multiple <= Integer.MAX_VALUE; multiple += Math.max(divisor, 1 << 20) / divisor * divisor) {
      assertQuotient(members, (int) multiple, divisor);
      assertQuotient(members, (int) Math.max(multiple - 1, 0), divisor);
    }
    assertQuotient(members, Integer.MAX_VALUE, divisor);
  }

  @Test
  void randomDivisorsDivideToo() {
    Random random = new Random(1);
    int[] members = new int[Divisor.MEMBERS];
    for (int i = 0; i < RANDOM_NUMBERS; i++) {
      int divisor = Math.max(random.nextInt() >>> 1 + random.nextInt(30), 1);
      Divisor.pack(divisor, members, 0);
      assertQuotient(members, random.nextInt(Integer.MAX_VALUE), divisor);
      assertQuotient(members, Integer.MAX_VALUE, divisor);
    }
  }

  /** What {@code Divisor::quotient} of common.cuh computes, in 32-bit unsigned arithmetic. */
  private static void assertQuotient(int[] members, int number, int divisor) {
    assertEquals(divisor, members[0]);
    int high = (int) (Integer.toUnsignedLong(number) * Integer.toUnsignedLong(members[1]) >>> Integer.SIZE);
    assertEquals(number / divisor, number + high >>> members[2], () -> number + " / " + divisor);
  }
}
