package dev.sluice.backend.vector;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.UnaryOperator;

/**
 * What the probe must know of the JVM's compilers.
 *
 * @param withoutC2 why C2 compiles nothing, empty if it does
 * @param c2Remedy what would bring it back, empty if nothing must
 * @param fma whether fused multiply-add is one instruction
 */
record JvmOptions(String withoutC2, String c2Remedy, boolean fma) {
  /** What an option that the JVM does not have, or hides, reads as. */
  static final String ABSENT = "";

  /** Reads the options of this JVM; where it shows none, its name and its mode decide. */
  static JvmOptions read() {
    return of(System.getProperty("java.vm.name", ""), System.getProperty("java.vm.info", ""), options());
  }

  /**
   * Judges a JVM.
   *
   * @param name the property java.vm.name
   * @param info the property java.vm.info
   * @param option the value of a named option, {@link #ABSENT} if unknown
   */
  static JvmOptions of(String name, String info, UnaryOperator<String> option) {
    boolean fma = !option.apply("UseFMA").equals("false");
    if (!name.contains("Server VM")) {
      return new JvmOptions("this is the " + name, "run a HotSpot server VM, such as Temurin 25", fma);
    }
    if (info.contains("interpreted mode") || option.apply("UseCompiler").equals("false")) {
      return new JvmOptions("the JVM only interprets", "remove -Xint and -XX:-UseCompiler", fma);
    }
    String level = option.apply("TieredStopAtLevel");
    if (option.apply("TieredCompilation").equals("true") && !level.equals(ABSENT) && Integer.parseInt(level) < 4) {
      return new JvmOptions("TieredStopAtLevel is " + level, "remove -XX:TieredStopAtLevel=" + level, fma);
    }
    String mode = option.apply("CompilationMode");
    if (mode.startsWith("quick-only") || info.contains("emulated-client")) {
      return new JvmOptions("CompilationMode is quick-only",
          "remove -XX:CompilationMode=quick-only and -XX:+NeverActAsServerClassMachine", fma);
    }
    if (option.apply("UseJVMCICompiler").equals("true")) {
      return new JvmOptions("a JVMCI compiler stands in for it", "add -XX:-UseJVMCICompiler", fma);
    }
    return new JvmOptions("", "", fma);
  }

  private static UnaryOperator<String> options() {
    try {
      return Diagnostic.options();
    } catch (LinkageError e) {
      // The module jdk.management is not in this runtime image.
      return name -> ABSENT;
    }
  }

  /** Apart, so that the rest loads without jdk.management. */
  private static final class Diagnostic {
    private Diagnostic() {}

    static UnaryOperator<String> options() {
      HotSpotDiagnosticMXBean bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return name -> {
        try {
          return bean == null ? ABSENT : bean.getVMOption(name).getValue();
        } catch (IllegalArgumentException e) {
          return ABSENT;
        }
      };
    }
  }
}
