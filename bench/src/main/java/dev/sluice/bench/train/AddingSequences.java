package dev.sluice.bench.train;

import dev.sluice.Generator;

/**
 * Some sequences of the adding problem (Hochreiter and Schmidhuber 1997), on the host. Each step holds a number from
 * U[0, 1) and a mark; two steps are marked by 1, one anywhere in the first half, one anywhere in the second, all others
 * by 0. What is asked for is the sum of the two marked numbers. Who always answers 1 has a mean squared error of 1/6.
 *
 * @param inputs (count, steps, 2) in row-major order
 * @param sums (count)
 */
record AddingSequences(float[] inputs, float[] sums) {
  /** Number and mark. */
  static final int WIDTH = 2;

  /** Draws so many sequences of so many steps, at least 2. */
  static AddingSequences draw(int count, int steps, Generator generator) {
    float[] numbers = generator.uniform(count * steps, 0, 1);
    float[] places = generator.uniform(2 * count, 0, 1);
    float[] inputs = new float[count * steps * WIDTH];
    float[] sums = new float[count];
    int half = steps / 2;
    for (int i = 0; i < numbers.length; i++) {
      inputs[i * WIDTH] = numbers[i];
    }
    for (int sequence = 0; sequence < count; sequence++) {
      int first = sequence * steps + (int) ((double) places[2 * sequence] * half);
      int second = sequence * steps + half + (int) ((double) places[2 * sequence + 1] * (steps - half));
      inputs[first * WIDTH + 1] = 1;
      inputs[second * WIDTH + 1] = 1;
      sums[sequence] = numbers[first] + numbers[second];
    }
    return new AddingSequences(inputs, sums);
  }

  /** The number of sequences. */
  int size() {
    return sums.length;
  }
}
