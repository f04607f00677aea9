package dev.sluice.bench.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.bench.UsageException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CatalogueTest {
  private static List<String> names(List<Work> works) {
    return works.stream().map(Work::name).toList();
  }

  @Test
  void namesAreUnique() {
    List<String> names = names(Catalogue.all());
    assertEquals(names.size(), new HashSet<>(names).size());
  }

  @Test
  void aFilterTakesWorksWithAllItsWords() {
    List<String> names = names(Catalogue.matching("CAUSAL  attention 512"));
    assertEquals(
        List.of("attention forward 1x8x512x64 causal", "attention forward+backward 1x8x512x64 causal"), names);
    assertEquals(Catalogue.all(), Catalogue.matching(" "));
  }

  @Test
  void aWholeNameTakesThatWorkAlone() {
    assertEquals(List.of("attention forward 1x8x512x64"), names(Catalogue.matching("attention forward 1x8x512x64")));
  }

  @Test
  void aFilterThatMatchesNothingIsRefused() {
    var failure = assertThrows(UsageException.class, () -> Catalogue.requireMatching("gnu"));
    assertTrue(failure.getMessage().startsWith("no work matches 'gnu', wanted words of the names of gemm, softmax, "));
  }

  @Test
  void everyNameFindsItsWork() {
    Catalogue.all().forEach(work -> assertEquals(work, Catalogue.named(work.name())));
    assertThrows(IllegalArgumentException.class, () -> Catalogue.named("gemm"));
  }

  @Test
  void theSmallestAreOneOfEachKindPassAndMask() {
    List<String> names = names(Catalogue.smallest());
    assertTrue(names.containsAll(List.of("gemm 64x128x512", "softmax backward 64x64",
        "attention forward 32x8x28x16", "attention forward 64x1x28x128 queries 1", "attention forward+backward 1x8x512x64 causal",
        "janet forward+backward T28 B64 I28 H128", "adam step 24x512x512")), names::toString);
    assertEquals(20, names.size(), names::toString);
  }

  @Test
  void costsAreThoseOfTheFormulas() {
    assertEquals(new Cost(2.0 * 64 * 128 * 512, 0, 0, 0, 4.0 * (64 * 128 + 128 * 512 + 64 * 512)),
        new Work.Gemm(64, 128, 512).cost());
    assertEquals(2.0 * 28 * 64 * 128 * 4 * (28 + 128),
        new Work.Recurrent(Work.Cell.LSTM, Pass.FORWARD, 28, 64, 28, 128).cost().operations(), 10.0 * 28 * 64 * 128);
    assertEquals(1000.0, new Work.CrossEntropy(10, 100).cost().exps());
    // A mask leaves little more than half of the pairs.
    double all = new Work.Attention(Pass.FORWARD, 1, 1, 100, 8, false).cost().operations();
    assertEquals(0.505 * all, new Work.Attention(Pass.FORWARD, 1, 1, 100, 8, true).cost().operations(), 1e-6 * all);
  }

  @Test
  void everyWorkHasACostAndBars() {
    Set<String> families = new HashSet<>();
    for (Work work : Catalogue.all()) {
      families.add(work.family());
      assertTrue(work.cost().operations() > 0 && work.cost().bytes() > 0, work::name);
      assertTrue(work.bars().of(1) >= 1 && work.bars().of(2) >= work.bars().of(1), work::name);
      assertEquals(work.bars().of(2), work.bars().of(8), work::name);
    }
    assertEquals(13, families.size(), families::toString);
  }

  @Test
  void inputsAreTheSameForAllAndDifferByName() {
    var work = new Work.Gemm(2, 3, 4);
    float[] a = new Inputs(work).uniform("a", 1000, 0.5);
    assertEquals(List.of(a[0], a[999]),
        List.of(new Inputs(work).uniform("a", 1000, 0.5)[0], new Inputs(work).uniform("a", 1000, 0.5)[999]));
    assertTrue(a[0] != new Inputs(work).uniform("b", 1, 0.5)[0]);
    for (float value : a) {
      assertTrue(Math.abs(value) <= 0.5);
    }
  }
}
