package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.bench.terminal.Progress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AddingTrainingTest {
  private static AddingConfiguration configuration(CellKind cell, int iterations, double target) {
    int layers = cell.isIndependent() ? 2 : 1;
    return new AddingConfiguration(
        cell, 10, 16, layers, new ClipOption.Norm(1, 2), 32, 0.01, iterations, 50, target);
  }

  private static AddingTraining training(AddingConfiguration configuration, long seed) {
    return new AddingTraining(configuration, seed, Backends.selected());
  }

  private static List<AddingReport.Round> train(AddingTraining training) {
    return training.run(Progress::open, _ -> {});
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void everyCellLearnsToAdd(CellKind cell) {
    List<AddingReport.Round> rounds = train(training(configuration(cell, 1000, 0.03), 1));
    assertTrue(rounds.getLast().testLoss() < 0.03, rounds::toString);
  }

  @Test
  void endsWhereTheTargetIsReached() {
    List<AddingReport.Round> rounds = train(training(configuration(CellKind.JANET, 1000, 0.1), 1));
    assertTrue(rounds.getLast().iteration() < 1000, rounds::toString);
    assertTrue(rounds.stream().limit(rounds.size() - 1).allMatch(round -> round.testLoss() >= 0.1), rounds::toString);
    assertTrue(rounds.getLast().testLoss() < 0.1, rounds::toString);
  }

  @Test
  void endsWhereNoIterationIsLeft() {
    List<AddingReport.Round> told = new ArrayList<>();
    var training = training(configuration(CellKind.LSTM, 70, 1e-9), 1);
    List<AddingReport.Round> rounds = training.run(Progress::open, told::add);
    assertEquals(rounds, told);
    assertEquals(List.of(50, 70), rounds.stream().map(AddingReport.Round::iteration).toList());
    assertTrue(rounds.stream().allMatch(round -> round.gradientNormAfter() <= 1 + 1e-6), rounds::toString);
  }

  @Test
  void theSeedDecidesEveryWeight() {
    List<String> digests = new ArrayList<>();
    for (long seed : new long[] {3, 3, 4}) {
      var training = training(configuration(CellKind.INDRNN, 5, 0.01), seed);
      train(training);
      digests.add(WeightsDigest.of(training.model().namedParameters()));
    }
    assertEquals(digests.get(0), digests.get(1));
    assertNotEquals(digests.get(0), digests.get(2));
  }

  @Test
  void stopsWhereTheLossIsNoNumber() {
    var configuration = new AddingConfiguration(
        CellKind.INDRNN, 10, 16, 2, new ClipOption.None(), 32, 1e30, 100, 50, 0.01);
    var failure = assertThrows(DivergedException.class, () -> train(training(configuration, 1)));
    assertTrue(failure.getMessage().startsWith("training diverged: the loss is "), failure::getMessage);
    assertTrue(failure.getMessage().contains(" in iteration "), failure::getMessage);
  }
}
