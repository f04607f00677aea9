package dev.sluice.bench.train;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How gradients are clipped, as {@code --clip} says it:
 *
 * <pre>
 * none                      not at all
 * value:V                   every element of every gradient to [-V, V], after backward
 * range:LO,HI               every element to [LO, HI], by a hook on each parameter, before it accumulates
 * range:GLOB=LO,HI;...      the same with bounds for the parameters whose names match; the first match counts
 * norm:MAX[,P]              all gradients scaled so that their common P-norm (default 2) is at most MAX, after backward
 * </pre>
 */
public sealed interface ClipOption {
  /** The forms in one line, for messages. */
  String FORMS = "none, value:V, range:LO,HI, range:GLOB=LO,HI;... or norm:MAX[,P]";

  /** No clipping. */
  record None() implements ClipOption {
    @Override
    @JsonValue
    public String toString() {
      return "none";
    }
  }

  /**
   * Clamps every element.
   *
   * @param bound V, finite and above 0
   */
  record Value(double bound) implements ClipOption {
    public Value {
      require(bound > 0 && finite(bound), "V is " + number(bound) + ", wanted a finite number above 0");
    }

    @Override
    @JsonValue
    public String toString() {
      return "value:" + number(bound);
    }
  }

  /**
   * Clamps every element of the parameters that a pattern names.
   *
   * @param bounds in the order they were given, at least one
   */
  record Range(List<Bounds> bounds) implements ClipOption {
    public Range {
      bounds = List.copyOf(bounds);
      require(!bounds.isEmpty(), "range has no bounds, wanted LO,HI or GLOB=LO,HI;...");
    }

    @Override
    @JsonValue
    public String toString() {
      Bounds first = bounds.getFirst();
      return bounds.size() == 1 && first.glob().equals("*")
          ? "range:" + first.numbers()
          : bounds.stream().map(Bounds::toString).collect(Collectors.joining(";", "range:", ""));
    }
  }

  /**
   * Scales all gradients together.
   *
   * @param max the largest norm allowed, finite and 0 or more
   * @param p the order of the norm, above 0, infinity included
   */
  record Norm(double max, double p) implements ClipOption {
    public Norm {
      require(max >= 0 && finite(max), "MAX is " + number(max) + ", wanted a finite number, 0 or more");
      require(p > 0, "P is " + number(p) + ", wanted a number above 0, or inf");
    }

    @Override
    @JsonValue
    public String toString() {
      return "norm:" + number(max) + (p == 2 ? "" : "," + number(p));
    }
  }

  /**
   * The bounds of some parameters.
   *
   * @param glob matches whole parameter names: {@code *} any characters, {@code ?} one
   * @param low the smallest value allowed, finite
   * @param high the largest, finite and not below {@code low}
   */
  record Bounds(String glob, double low, double high) {
    public Bounds {
      require(!glob.isEmpty(), "a GLOB is empty, wanted a pattern for parameter names such as *.weight_hh_l0");
      String given = "bounds are " + number(low) + "," + number(high);
      require(finite(low) && finite(high), given + ", wanted finite numbers");
      require(low <= high, given + ", wanted LO not above HI");
    }

    /** Whether these bounds are for the parameter of this name. */
    public boolean matches(String parameter) {
      String regex = Arrays.stream(glob.splitWithDelimiters("[*?]", -1))
          .map(piece -> switch (piece) {
            case "*" -> ".*";
            case "?" -> ".";
            default -> Pattern.quote(piece);
          })
          .collect(Collectors.joining());
      return parameter.matches(regex);
    }

    @Override
    public String toString() {
      return glob + "=" + numbers();
    }

    private String numbers() {
      return number(low) + "," + number(high);
    }
  }

  /**
   * Reads the option.
   *
   * @throws IllegalArgumentException if the text has none of the forms, or a number is out of its range
   */
  @JsonCreator
  static ClipOption parse(String text) {
    int colon = text.indexOf(':');
    String form = colon < 0 ? text : text.substring(0, colon);
    String rest = colon < 0 ? "" : text.substring(colon + 1);
    return switch (form) {
      case "none" -> {
        require(colon < 0, "'" + text + "' has more than none");
        yield new None();
      }
      case "value" -> new Value(numbers(rest, "a number V", 1, 1)[0]);
      case "range" -> range(rest);
      case "norm" -> {
        double[] numbers = numbers(rest, "numbers MAX[,P]", 1, 2);
        yield new Norm(numbers[0], numbers.length == 2 ? numbers[1] : 2);
      }
      default -> throw new IllegalArgumentException("'" + text + "' is unknown, wanted " + FORMS);
    };
  }

  private static Range range(String text) {
    if (text.indexOf('=') < 0) {
      return new Range(List.of(bounds("*", text)));
    }
    return new Range(Arrays.stream(text.split(";", -1))
        .map(part -> {
          int equals = part.lastIndexOf('=');
          require(equals >= 0, "'" + part + "' has no GLOB, wanted GLOB=LO,HI");
          return bounds(part.substring(0, equals), part.substring(equals + 1));
        })
        .toList());
  }

  private static Bounds bounds(String glob, String text) {
    double[] numbers = numbers(text, "two numbers LO,HI", 2, 2);
    return new Bounds(glob, numbers[0], numbers[1]);
  }

  private static double[] numbers(String text, String wanted, int least, int most) {
    String[] words = text.split(",", -1);
    require(words.length >= least && words.length <= most, "'" + text + "' does not give " + wanted);
    return Arrays.stream(words).mapToDouble(word -> number(word, text, wanted)).toArray();
  }

  private static double number(String word, String text, String wanted) {
    try {
      return word.equals("inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' does not give " + wanted, e);
    }
  }

  private static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    String text = Double.toString(value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  private static boolean finite(double value) {
    return Double.isFinite(value);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
