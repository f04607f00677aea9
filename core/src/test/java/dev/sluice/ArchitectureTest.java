package dev.sluice;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rules of the house: who may use whom, and what kernels must not touch. */
class ArchitectureTest {
  private static final JavaClasses HOUSE = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
      .importPackages("dev.sluice");

  /** From the ground up: a room may use those before it in this list, never those after it. */
  private static final List<String> ROOMS = List.of("spi", "backend", "", "checks", "autograd", "nn", "optim", "io", "data");

  @TestFactory
  Stream<DynamicTest> aRoomUsesOnlyThoseBelowIt() {
    return ROOMS.subList(0, ROOMS.size() - 1).stream().map(room -> {
      String[] above = ROOMS.subList(ROOMS.indexOf(room) + 1, ROOMS.size()).stream().map(ArchitectureTest::inRoom)
          .toArray(String[]::new);
      return DynamicTest.dynamicTest(room.isEmpty() ? "(root)" : room,
          () -> noClasses().that().resideInAPackage(inRoom(room)).should().dependOnClassesThat()
              .resideInAnyPackage(above).allowEmptyShould(true).check(HOUSE));
    });
  }

  @Test
  void layersKnowNothingThatIsMadeOfThem() {
    noClasses().that().resideInAPackage("dev.sluice.nn..")
        .and().resideOutsideOfPackages("dev.sluice.nn.transformer", "dev.sluice.nn.sequence")
        .should().dependOnClassesThat().resideInAnyPackage("dev.sluice.nn.transformer", "dev.sluice.nn.sequence")
        .check(HOUSE);
    noClasses().that().resideInAPackage("dev.sluice.nn.transformer")
        .should().dependOnClassesThat().resideInAPackage("dev.sluice.nn.sequence").check(HOUSE);
  }

  @Test
  void nothingAboveTheSeamNamesABackend() {
    noClasses().that().resideOutsideOfPackages("dev.sluice.backend..", "dev.sluice.bench..")
        .should().dependOnClassesThat().resideInAnyPackage("dev.sluice.backend..").check(HOUSE);
  }

  @Test
  void backendsKnowTheSeamAndNotEachOther() {
    noClasses().that().resideInAPackage("dev.sluice.backend.reference..").should().dependOnClassesThat()
        .resideInAPackage("dev.sluice.backend.vector..").check(HOUSE);
    noClasses().that().resideInAPackage("dev.sluice.backend.vector..").should().dependOnClassesThat()
        .resideInAPackage("dev.sluice.backend.reference..").check(HOUSE);
  }

  @Test
  void onlyTheVectorBackendUsesTheVectorApi() {
    noClasses().that().resideOutsideOfPackage("dev.sluice.backend.vector..").should().dependOnClassesThat()
        .resideInAPackage("jdk.incubator.vector..").check(HOUSE);
  }

  @Test
  void vectorKernelsUseNothingThatGivesOtherBitsInterpretedThanCompiled() {
    BITS.check(HOUSE);
  }

  @Test
  void vectorKernelsTakeNoTranscendentalFunctionFromMath() {
    noClasses().that().resideInAPackage("dev.sluice.backend.vector..").should().callMethodWhere(describe(
        "Math's transcendental functions (intrinsics: other bits interpreted than compiled)",
        call -> call.getTargetOwner().getFullName().equals("java.lang.Math")
            && List.of("exp", "expm1", "log", "log1p", "log10", "pow", "sin", "cos", "tan", "tanh", "sinh", "cosh",
                "cbrt")
                .contains(call.getName()))).check(HOUSE);
  }

  @Test
  void publicPackagesAreNullMarked() {
    classes().that().haveSimpleName("package-info").should().beAnnotatedWith("org.jspecify.annotations.NullMarked")
        .check(HOUSE);
  }

  @Test
  void theRulesCanFail() {
    JavaClasses withOffender = new ClassFileImporter().importClasses(Offender.class);
    assertThrows(AssertionError.class,
        () -> noClasses().should().accessTargetWhere(TRANSCENDENTAL_LANES).check(withOffender));
    assertThrows(AssertionError.class,
        () -> noClasses().should().callMethodWhere(FLOATING_REDUCTION).check(withOffender));
  }

  private static final List<String> TRANSCENDENTALS = List.of("EXP", "EXPM1", "LOG", "LOG1P", "LOG10", "POW", "SIN",
      "COS", "TAN", "TANH", "SINH", "COSH", "ASIN", "ACOS", "ATAN", "ATAN2", "CBRT", "HYPOT");

  private static final DescribedPredicate<JavaAccess<?>> TRANSCENDENTAL_LANES = describe(
      "lanewise transcendental operators", access -> access.getTargetOwner().getFullName()
          .equals("jdk.incubator.vector.VectorOperators") && TRANSCENDENTALS.contains(access.getName()));

  private static final DescribedPredicate<JavaMethodCall> FLOATING_REDUCTION = describe(
      "reduceLanes of floating-point vectors", call -> call.getName().startsWith("reduceLanes")
          && List.of("jdk.incubator.vector.FloatVector", "jdk.incubator.vector.DoubleVector")
              .contains(call.getTargetOwner().getFullName()));

  private static final ArchRule BITS = noClasses().that(resideInAPackage("dev.sluice.backend.vector.."))
      .should().accessTargetWhere(TRANSCENDENTAL_LANES).orShould().callMethodWhere(FLOATING_REDUCTION);

  private static String inRoom(String room) {
    return room.isEmpty() ? "dev.sluice" : "dev.sluice." + room + "..";
  }

  /** What the rules are there to catch. */
  static final class Offender {
    private Offender() {}

    static float offend(FloatVector v) {
      return v.lanewise(VectorOperators.EXP).reduceLanes(VectorOperators.ADD);
    }
  }
}
