package dev.sluice.bench.report;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;

/** What is drawn, under a title of its own. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public sealed interface Picture {
  /** A few words above the picture. */
  String title();

  /** A sentence under the title that says what is to be seen; may be empty. */
  String caption();

  /**
   * Values over a common quantity, as lines.
   *
   * @param x what runs along, with its unit
   * @param y what the values are, with their unit
   * @param scale of the values
   * @param curves one or more
   */
  @JsonTypeName("curves")
  record Curves(String title, String caption, String x, String y, Scale scale, List<Curve> curves)
      implements Picture {
    public Curves {
      require(!curves.isEmpty(), title, "no curve", "one or more");
      curves = List.copyOf(curves);
    }
  }

  /**
   * A number for each pair of a row and a column, as colours of a grid, such as attention weights or an alignment.
   *
   * @param rows what the rows are called, downwards; one or more
   * @param columns what the columns are called; one or more
   * @param rowName what all rows are; may be empty
   * @param columnName what all columns are; may be empty
   * @param valueName what the numbers are
   * @param values (rows, columns), 0 or more each
   */
  @JsonTypeName("matrix")
  record Matrix(String title, String caption, String rowName, List<String> rows, String columnName,
      List<String> columns, String valueName, double[][] values) implements Picture {
    public Matrix {
      require(!rows.isEmpty() && !columns.isEmpty(), title, "no row or column", "one or more");
      requireShape(title, "values", values, rows.size(), columns.size());
      rows = List.copyOf(rows);
      columns = List.copyOf(columns);
    }
  }

  /**
   * An image, and beside it how much each row or pixel of it counted: bars for rows, colours for pixels.
   *
   * @param pixels (height, width), 0 for paper to 1 for ink
   * @param weightName what the weights are
   * @param weights (height, 1) for rows or (height, width) for pixels, 0 or more each
   * @param most the weight at the end of the scale, above 0, so that images compare
   */
  @JsonTypeName("image")
  record Image(String title, String caption, double[][] pixels, String weightName, double[][] weights, double most)
      implements Picture {
    public Image {
      require(pixels.length > 0 && pixels[0].length > 0, title, "no pixel", "one or more");
      requireShape(title, "pixels", pixels, pixels.length, pixels[0].length);
      require(weights.length > 0, title, "no weight", "one for each row");
      requireShape(title, "weights", weights, pixels.length, weights[0].length == 1 ? 1 : pixels[0].length);
      require(most > 0, title, "most is " + most, "a number above 0");
    }
  }

  private static void requireShape(String title, String argument, double[][] matrix, int rows, int columns) {
    require(matrix.length == rows, title, argument + " has " + matrix.length + " rows", Integer.toString(rows));
    for (double[] row : matrix) {
      require(row.length == columns, title, argument + " has a row of " + row.length, Integer.toString(columns));
    }
  }

  private static void require(boolean holds, String title, String given, String wanted) {
    if (!holds) {
      throw new IllegalArgumentException("picture '" + title + "': " + given + ", wanted " + wanted);
    }
  }
}
