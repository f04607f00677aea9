package dev.sluice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's first program compiles, runs and learns; so it does with the other recurrence in one word's place. */
class ReadmeTest {
  private static final Pattern LOSS = Pattern.compile("step (\\d+): loss ([0-9.,]+)");

  @TempDir
  Path folder;

  @Test
  void theFirstProgramLearns() throws Exception {
    assertLearns(firstProgram());
  }

  @Test
  void soItDoesWithJanet() throws Exception {
    assertLearns(firstProgram().replace("LSTM", "JANET"));
  }

  private void assertLearns(String program) throws Exception {
    List<Double> losses = LOSS.matcher(run(program)).results().map(result -> Double.valueOf(result.group(2))).toList();
    assertEquals(4, losses.size());
    assertTrue(losses.getLast() < 0.5 * losses.getFirst(), "losses are " + losses);
  }

  private static String firstProgram() throws IOException {
    Matcher block = Pattern.compile("```java\n(.*?)```",
        Pattern.DOTALL).matcher(Files.readString(Path.of("../README.md")));
    assertTrue(block.find());
    return block.group(1);
  }

  private String run(String program) throws Exception {
    Path source = Files.writeString(folder.resolve("First.java"), program);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    boolean compiled = compiler.getTask(messages, null, null,
        List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path")), null,
        compiler.getStandardFileManager(null, null, null).getJavaFileObjects(source)).call();
    assertTrue(compiled, messages.toString());
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      loader.loadClass("First").getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
