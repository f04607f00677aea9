package dev.sluice.backend.vector;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What C2 did not inline, from the JVM's own log ({@code -XX:+LogCompilation}): of each compiled method the last
 * compilation at the highest level.
 *
 * @param failures by compiled method, the methods of this package that take or return vectors and were left out as
 *     calls for their or the whole's size, each with C2's reason
 * @param compiled how many methods of this package C2 compiled
 */
record CompilationLog(Map<String, List<String>> failures, int compiled) {
  private static final String PACKAGE = "dev.sluice.backend.vector.";
  private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)='([^']*)'");

  /**
   * Reasons that lie in the code. Others lie in the run: what is rarely called, or was compiled by itself before, may
   * stay a call.
   */
  private static final List<String> OF_SIZE =
      List.of("too big", "too large", "too deep", "DesiredMethodLimit", "NodeCountInliningCutoff");

  static CompilationLog read(Path log) throws IOException {
    Map<String, List<String>> failures = new LinkedHashMap<>();
    Reader reader = new Reader(failures);
    try (Stream<String> lines = Files.lines(log)) {
      lines.forEach(reader::line);
    }
    int compiled = failures.size();
    failures.values().removeIf(List::isEmpty);
    return new CompilationLog(failures, compiled);
  }

  /** Reads the log line by line; ids of classes and methods hold within one compilation. */
  private static final class Reader {
    private final Map<String, List<String>> failures;
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, Boolean> ofVectors = new HashMap<>();
    private List<String> found = new ArrayList<>();
    private String root = "";
    private String callee = "";
    private boolean inC2;

    Reader(Map<String, List<String>> failures) {
      this.failures = failures;
    }

    void line(String line) {
      if (line.startsWith("<task ")) {
        Map<String, String> task = attributes(line);
        // C2 alone has no level other than the fourth; a compilation of a running loop is replaced by a whole one.
        inC2 = task.getOrDefault("level", "4").equals("4") && !task.containsKey("osr_bci");
        root = task.getOrDefault("method", "").replace(' ', '.');
        found = new ArrayList<>();
        names.clear();
        ofVectors.clear();
      } else if (!inC2) {
        return;
      } else if (line.startsWith("<type ") || line.startsWith("<klass ")) {
        Map<String, String> type = attributes(line);
        names.put(type.get("id"), type.get("name"));
      } else if (line.startsWith("<method ")) {
        method(attributes(line));
      } else if (line.startsWith("<call ")) {
        callee = attributes(line).get("method");
      } else if (line.startsWith("<inline_fail ")) {
        failure(attributes(line).get("reason"));
      } else if (line.startsWith("</task>") && root.startsWith(PACKAGE)) {
        failures.put(root, found);
      }
    }

    private void method(Map<String, String> method) {
      String types = method.getOrDefault("arguments", "") + " " + method.get("return");
      names.put(method.get("id"), names.get(method.get("holder")) + "." + method.get("name"));
      ofVectors.put(method.get("id"), Stream.of(types.split(" "))
          .anyMatch(type -> names.getOrDefault(type, "").startsWith("jdk.incubator.vector.")));
    }

    private void failure(String reason) {
      String name = names.getOrDefault(callee, "");
      if (name.startsWith(PACKAGE) && ofVectors.get(callee) && OF_SIZE.stream().anyMatch(reason::contains)) {
        found.add(name + ": " + reason);
      }
    }

    private static Map<String, String> attributes(String line) {
      Map<String, String> attributes = new HashMap<>();
      Matcher matcher = ATTRIBUTE.matcher(line);
      while (matcher.find()) {
        attributes.put(matcher.group(1), matcher.group(2));
      }
      return attributes;
    }
  }
}
