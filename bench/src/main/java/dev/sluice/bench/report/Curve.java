package dev.sluice.bench.report;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

/**
 * One line of a plot.
 *
 * @param name what its legend says
 * @param points in the order of x
 */
public record Curve(String name, List<Point> points) {
  /** A point; one that is not finite is a gap in the line. */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  @JsonPropertyOrder({"x", "y"})
  public record Point(double x, double y) {}

  public Curve {
    points = List.copyOf(points);
  }
}
