package dev.sluice.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.Backends;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A way of starting the JVM under which the suite runs, and what must come of it, as committed in {@code
 * conformance/expected.json}. A setting that is expected as another one is says so by {@code as}.
 *
 * @param name the setting's name
 * @param backend the backend that the automatic choice must take: a silent fallback fails
 * @param lanes the vector lengths allowed, in floats
 * @param cases the least number of cases per family
 */
record Setting(String name, String backend, List<Integer> lanes, Map<String, Integer> cases) {
  /** The property that names the JVM's setting; without it a run is taken for {@code default} and leaves no report. */
  static final String PROPERTY = "conformance.setting";

  /** Where each setting's report goes. */
  static final Path REPORTS = Path.of("target", "conformance");

  private static final String EXPECTED = "/conformance/expected.json";

  static Setting current() {
    return named(System.getProperty(PROPERTY, "default"));
  }

  static boolean isReported() {
    return System.getProperty(PROPERTY) != null;
  }

  static Setting named(String name) {
    JsonNode all = expected();
    JsonNode node = all.path(name).has("as") ? all.path(all.path(name).path("as").asText()) : all.path(name);
    if (node.isMissingNode()) {
      throw new IllegalArgumentException("conformance: setting is " + name + ", wanted one of " + EXPECTED);
    }
    List<Integer> lanes = node.path("lanes").valueStream().map(JsonNode::asInt).toList();
    Map<String, Integer> cases = new TreeMap<>();
    node.path("cases").properties().forEach(entry -> cases.put(entry.getKey(), entry.getValue().asInt()));
    return new Setting(name, node.path("backend").asText(), lanes, cases);
  }

  Path report() {
    return REPORTS.resolve(name + ".json");
  }

  /**
   * Whether the suite's part is to show that the setting falls to the reference; comparing that with itself needs few
   * cases.
   */
  boolean runsReference() {
    return backend.equals("reference");
  }

  /** The backend that the automatic choice takes, refused unless it is the one that this setting must run. */
  Backend require() {
    Backend chosen = Backends.automatic();
    if (!chosen.id().equals(backend)) {
      throw new AssertionError("setting " + name + " runs " + chosen.id() + ", wanted " + backend + ": "
          + provider(backend).probe());
    }
    return chosen;
  }

  /** Vector length of a backend here, in floats; 1 for one that is not vectorised. */
  static int lanes(String backend) {
    return Integer.parseInt(provider(backend).probe().facts().getOrDefault("lanes", "1"));
  }

  private static BackendProvider provider(String id) {
    return Backends.providers().stream().filter(provider -> provider.id().equals(id)).findFirst()
        .orElseThrow(() -> new AssertionError("no provider of " + id));
  }

  private static JsonNode expected() {
    try (InputStream stream = Setting.class.getResourceAsStream(EXPECTED)) {
      return new ObjectMapper().readTree(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
