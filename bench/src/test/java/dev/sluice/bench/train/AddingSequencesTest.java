package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Generator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddingSequencesTest {
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7, 10})
  void marksAStepOfEachHalfAndSumsTheirNumbers(int steps) {
    AddingSequences drawn = AddingSequences.draw(200, steps, new Generator(3));
    assertEquals(200, drawn.size());
    var everMarked = new BitSet();
    for (int sequence = 0; sequence < 200; sequence++) {
      float sum = 0;
      List<Integer> marked = new ArrayList<>();
      for (int step = 0; step < steps; step++) {
        float number = drawn.inputs()[(sequence * steps + step) * 2];
        float mark = drawn.inputs()[(sequence * steps + step) * 2 + 1];
        assertTrue(number >= 0 && number < 1);
        assertTrue(mark == 0 || mark == 1);
        if (mark == 1) {
          marked.add(step);
          everMarked.set(step);
          sum += number;
        }
      }
      assertEquals(2, marked.size());
      assertTrue(marked.getFirst() < steps / 2 && marked.getLast() >= steps / 2, marked::toString);
      assertEquals(sum, drawn.sums()[sequence]);
    }
    assertEquals(steps, everMarked.cardinality());
  }

  @Test
  void alwaysAnsweringOneCostsASixth() {
    double sum = 0;
    Iterator<AddingSequences> test = new AddingProblem(10, 300).test();
    int count = 0;
    while (test.hasNext()) {
      for (float wanted : test.next().sums()) {
        sum += (wanted - 1) * (wanted - 1);
        count++;
      }
    }
    assertEquals(AddingProblem.TEST_SEQUENCES, count);
    assertEquals(1 / 6.0, sum / count, 0.02);
  }

  @Test
  void trainingHangsOnTheSeedAndNeverRepeatsItself() {
    var problem = new AddingProblem(6, 4);
    Iterator<AddingSequences> one = problem.training(1);
    AddingSequences first = one.next();
    assertArrayEquals(first.inputs(), problem.training(1).next().inputs());
    assertFalse(Arrays.equals(first.inputs(), problem.training(2).next().inputs()));
    assertFalse(Arrays.equals(first.inputs(), one.next().inputs()));
    assertFalse(Arrays.equals(first.inputs(), problem.test().next().inputs()));
  }
}
