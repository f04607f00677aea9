package dev.sluice.cuda;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may use what of this module's libraries. */
class CudaArchitectureTest {
  private static final JavaClasses HOUSE = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
      .importPackages("dev.sluice.cuda");

  @Test
  void jcudaIsBehindTheOneInterface() {
    noClasses().that().resideOutsideOfPackage("dev.sluice.cuda.driver")
        .should().dependOnClassesThat().resideInAPackage("jcuda..").check(HOUSE);
  }

  @Test
  void theDriverKnowsNothingOfKernels() {
    noClasses().that().resideInAPackage("dev.sluice.cuda.driver")
        .should().dependOnClassesThat().resideInAnyPackage("dev.sluice.cuda", "dev.sluice.cuda.kernel").check(HOUSE);
  }

  @Test
  void onlyTheDriverCallsNativeCode() {
    noClasses().that().resideOutsideOfPackage("dev.sluice.cuda.driver")
        .should().dependOnClassesThat().haveFullyQualifiedName("java.lang.foreign.Linker").check(HOUSE);
  }

  @Test
  void kernelFamiliesKnowNoDriver() {
    noClasses().that().resideInAPackage("dev.sluice.cuda.kernel")
        .should().dependOnClassesThat().resideInAPackage("dev.sluice.cuda.driver").check(HOUSE);
  }
}
