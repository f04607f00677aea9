package dev.sluice.golden;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One golden file while it is made: a list of cases, written as JSON with one line for each tensor. */
final class Sheet {
  private static final String SOURCE = "libtorch 2.10.0";

  private final String name;
  private final List<Sample> samples = new ArrayList<>();

  Sheet(String name) {
    this.name = name;
  }

  /** Adds a case; its random numbers depend on the names of sheet and case only, not on the cases before it. */
  Sample sample(String caseName) {
    if (samples.stream().anyMatch(sample -> sample.name().equals(caseName))) {
      throw new IllegalArgumentException("sheet " + name + ": case " + caseName + " is there twice");
    }
    var sample = new Sample(caseName, (name + "/" + caseName).hashCode());
    samples.add(sample);
    return sample;
  }

  int size() {
    return samples.size();
  }

  Path write(Path folder) throws IOException {
    var text = new StringBuilder("{\"source\": \"" + SOURCE + "\", \"cases\": [");
    var separator = "\n";
    for (var sample : samples) {
      text.append(separator).append("{\"name\": \"").append(sample.name()).append("\", \"options\": {");
      appendOptions(text, sample.options());
      text.append("}, \"tensors\": {");
      appendTensors(text, sample.tensors());
      text.append("}}");
      separator = ",\n";
    }
    return Files.writeString(folder.resolve(name + ".json"), text.append("\n]}\n"));
  }

  private static void appendOptions(StringBuilder text, Map<String, Object> options) {
    var separator = "";
    for (var option : options.entrySet()) {
      text.append(separator).append('"').append(option.getKey()).append("\": ");
      switch (option.getValue()) {
        case String string -> text.append('"').append(string).append('"');
        case Double number -> text.append(literal(number));
        case Integer number -> text.append(number);
        case Boolean flag -> text.append(flag);
        case Object other -> throw new IllegalArgumentException("option " + option.getKey() + " is " + other);
      }
      separator = ", ";
    }
  }

  private static void appendTensors(StringBuilder text, Map<String, Values> tensors) {
    var separator = "\n";
    for (var tensor : tensors.entrySet()) {
      var values = tensor.getValue();
      text.append(separator).append("  \"").append(tensor.getKey()).append("\": {\"shape\": [");
      for (int axis = 0; axis < values.shape().length; axis++) {
        text.append(axis == 0 ? "" : ", ").append(values.shape()[axis]);
      }
      text.append("], \"data\": [");
      for (int i = 0; i < values.data().length; i++) {
        double value = values.data()[i];
        text.append(i == 0 ? "" : ", ").append(values.whole() ? Long.toString((long) value) : literal(value));
      }
      text.append("]}");
      separator = ",\n";
    }
  }

  private static String literal(double value) {
    var digits = Double.toString(value);
    return Double.isFinite(value) ? digits : '"' + digits + '"';
  }
}
