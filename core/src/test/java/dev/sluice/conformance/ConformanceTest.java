package dev.sluice.conformance;

import static org.junit.jupiter.api.Assertions.fail;

import dev.sluice.backend.reference.ReferenceBackend;
import dev.sluice.backend.referencefloat.FloatReferenceBackend;
import dev.sluice.spi.Backend;
import dev.sluice.testing.CheckingBackend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Holds the backend that the automatic choice takes to the reference, family by family. */
@Tag("conformance")
class ConformanceTest {
  private static final int SHOWN_FAILURES = 6;

  private static final Map<String, Integer> CASES_RUN = new TreeMap<>();
  private static Setting setting;
  private static Backend tested;
  private static Comparison comparison;

  @BeforeAll
  static void choose() {
    setting = Setting.current();
    tested = setting.require();
    comparison = new Comparison(new CheckingBackend(tested, CheckingBackend.Check.UNCHANGED), new ReferenceBackend(),
        new FloatReferenceBackend());
  }

  @AfterAll
  static void report() {
    if (Setting.isReported()) {
      Report.of(setting, tested.id(), CASES_RUN).write(setting.report());
    }
  }

  @TestFactory
  Stream<DynamicTest> memory() {
    return tests(Family.MEMORY);
  }

  @TestFactory
  Stream<DynamicTest> gemm() {
    return tests(Family.GEMM);
  }

  @TestFactory
  Stream<DynamicTest> elementwise() {
    return tests(Family.ELEMENTWISE);
  }

  @TestFactory
  Stream<DynamicTest> reduction() {
    return tests(Family.REDUCTION);
  }

  @TestFactory
  Stream<DynamicTest> softmax() {
    return tests(Family.SOFTMAX);
  }

  @TestFactory
  Stream<DynamicTest> loss() {
    return tests(Family.LOSS);
  }

  @TestFactory
  Stream<DynamicTest> attention() {
    return tests(Family.ATTENTION);
  }

  @TestFactory
  Stream<DynamicTest> normalization() {
    return tests(Family.NORMALIZATION);
  }

  @TestFactory
  Stream<DynamicTest> embedding() {
    return tests(Family.EMBEDDING);
  }

  @TestFactory
  Stream<DynamicTest> dropout() {
    return tests(Family.DROPOUT);
  }

  @TestFactory
  Stream<DynamicTest> recurrent() {
    return tests(Family.RECURRENT);
  }

  @TestFactory
  Stream<DynamicTest> indRnn() {
    return tests(Family.INDRNN);
  }

  @TestFactory
  Stream<DynamicTest> window() {
    return tests(Family.WINDOW);
  }

  @TestFactory
  Stream<DynamicTest> clipping() {
    return tests(Family.CLIPPING);
  }

  @TestFactory
  Stream<DynamicTest> optimizer() {
    return tests(Family.OPTIMIZER);
  }

  /** One test per group of cases. */
  private static Stream<DynamicTest> tests(Family family) {
    Map<String, List<Case>> groups =
        family.cases().stream().collect(Collectors.groupingBy(Case::group, LinkedHashMap::new, Collectors.toList()));
    return groups.entrySet().stream()
        .map(group -> DynamicTest.dynamicTest(group.getKey(), () -> run(family, chosen(group.getValue()))));
  }

  private static List<Case> chosen(List<Case> group) {
    return setting.runsReference() ? group.subList(0, 1) : group;
  }

  private static void run(Family family, List<Case> cases) {
    List<String> failures = new ArrayList<>();
    Throwable thrown = null;
    for (Case one : cases) {
      try {
        Optional<String> failure = comparison.failure(one);
        failure.ifPresent(failures::add);
        if (failure.isEmpty()) {
          CASES_RUN.merge(family.id(), 1, Integer::sum);
        }
      } catch (RuntimeException | AssertionError e) {
        failures.add(one + ": threw " + e);
        thrown = thrown == null ? e : thrown;
      }
    }
    if (!failures.isEmpty()) {
      fail(failures.size() + " of " + cases.size() + " cases fail:\n"
          + failures.stream().limit(SHOWN_FAILURES).collect(Collectors.joining("\n")), thrown);
    }
  }
}
