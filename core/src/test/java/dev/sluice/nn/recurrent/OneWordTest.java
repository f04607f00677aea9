package dev.sluice.nn.recurrent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replacing one recurrence by another is one word: the same source, with each name put in, compiles and runs. */
class OneWordTest {
  private static final String SOURCE = """
      import dev.sluice.Generator;
      import dev.sluice.Tensor;
      import dev.sluice.autograd.Losses;
      import dev.sluice.nn.recurrent.*;
      import dev.sluice.optim.Adam;

      public class Program {
        public static double run() {
          var generator = new Generator(7);
          Recurrent recurrent = new RECURRENCE(3, 4, 2, true, true, 0.1, true, 0, generator);
          new RECURRENCE(3, 4, generator);
          new RECURRENCE(3, 4, 2, generator);
          new RECURRENCE(RecurrentOptions.of(3, 4).withBatchFirst(true), generator);
          Cell cell = new RECURRENCECell(8, 5, generator);
          new RECURRENCECell(8, 5, false, generator);
          Tensor input = Tensor.ones(2, 6, 3);
          Tensor lengths = Tensor.of(new int[] {6, 4}, 2);
          var optimizer = new Adam(recurrent.parameters(), 0.01);
          Recurrent.Output first = recurrent.forward(input, recurrent.zeroState(2), lengths);
          Recurrent.Output second = recurrent.forward(input, first.state());
          Losses.mseLoss(second.output(), Tensor.ones(2, 6, 8)).backward();
          optimizer.step();
          State state = cell.forward(Tensor.ones(2, 8));
          state = cell.forward(Tensor.ones(2, 8), state);
          recurrent.forward(Tensor.ones(6, 3));
          recurrent.eval();
          return recurrent.forward(input).output().toDoubles()[0] + state.hidden().toDoubles()[0];
        }
      }
      """;

  @TempDir
  private Path folder;

  @Test
  void eachRecurrenceFitsTheSameProgram() throws Exception {
    Set<Double> results = new HashSet<>();
    for (String name : List.of("LSTM", "JANET", "GRU", "RNN", "IndRNN", "IndRNNv2")) {
      double result = run(name);
      assertTrue(Double.isFinite(result), name);
      results.add(result);
    }
    assertEquals(6, results.size(), "each computes something else");
  }

  private double run(String name) throws Exception {
    // Both versions of the IndRNN have the same cell.
    String cell = name.replace("v2", "");
    Path target = folder.resolve(name);
    assertTrue(target.toFile().mkdir());
    var compiler = ToolProvider.getSystemJavaCompiler();
    var diagnostics = new DiagnosticCollector<JavaFileObject>();
    try (var files = compiler.getStandardFileManager(diagnostics, null, null)) {
      files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(target));
      var classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
      files.setLocationFromPaths(StandardLocation.CLASS_PATH,
          Stream.of(classPath.split(System.getProperty("path.separator"))).map(Path::of).toList());
      var source = new SimpleJavaFileObject(URI.create("string:///Program.java"), JavaFileObject.Kind.SOURCE) {
        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
          return SOURCE.replace("RECURRENCECell", cell + "Cell").replace("RECURRENCE", name);
        }
      };
      assertTrue(compiler.getTask(null, files, diagnostics, List.of("-proc:none"), null, List.of(source)).call(),
          () -> name + ": " + diagnostics.getDiagnostics());
    }
    try (var loader = new URLClassLoader(new URL[] {target.toUri().toURL()}, getClass().getClassLoader())) {
      return (double) loader.loadClass("Program").getMethod("run").invoke(null);
    }
  }
}
