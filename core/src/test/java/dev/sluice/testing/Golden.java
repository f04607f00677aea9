package dev.sluice.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Reads the golden files under {@code src/test/resources/golden}: values and gradients that libtorch computed. The
 * profile {@code golden} makes them anew.
 */
public final class Golden {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Golden() {}

  /** All cases of a file, in its order; name without folder and ending, e.g. {@code lstm}. */
  public static List<GoldenCase> load(String name) {
    var path = "/golden/" + name + ".json";
    try (var stream = Golden.class.getResourceAsStream(path)) {
      if (stream == null) {
        throw new IllegalArgumentException("golden: name is " + name + ", wanted a file on the class path at " + path);
      }
      return elements(MAPPER.readTree(stream).required("cases")).map(Golden::parse).toList();
    } catch (IOException e) {
      throw new UncheckedIOException("golden: cannot read " + path, e);
    }
  }

  /** The case of that name. */
  public static GoldenCase load(String name, String caseName) {
    return load(name).stream()
        .filter(golden -> golden.name().equals(caseName))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("golden: " + name + " has no case " + caseName));
  }

  private static GoldenCase parse(JsonNode node) {
    Map<String, Object> options = new LinkedHashMap<>();
    node.required("options").properties().forEach(option -> options.put(option.getKey(), scalar(option.getValue())));
    Map<String, GoldenCase.Values> tensors = new LinkedHashMap<>();
    node.required("tensors").properties().forEach(tensor -> tensors.put(tensor.getKey(), values(tensor.getValue())));
    return new GoldenCase(node.required("name").textValue(), options, tensors);
  }

  private static Object scalar(JsonNode node) {
    return switch (node.getNodeType()) {
      case BOOLEAN -> node.booleanValue();
      case NUMBER -> node.isInt() ? (Object) node.intValue() : (Object) node.doubleValue();
      case STRING -> node.textValue();
      default -> throw new IllegalArgumentException("golden: option is " + node + ", wanted a scalar");
    };
  }

  private static GoldenCase.Values values(JsonNode node) {
    var shape = elements(node.required("shape")).mapToInt(JsonNode::intValue).toArray();
    var data = elements(node.required("data")).mapToDouble(Golden::number).toArray();
    return new GoldenCase.Values(shape, data);
  }

  private static double number(JsonNode node) {
    return node.isTextual() ? Double.parseDouble(node.textValue()) : node.doubleValue();
  }

  private static Stream<JsonNode> elements(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }
}
