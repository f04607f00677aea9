package dev.sluice.bench.report;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A page of pictures.
 *
 * @param title its heading and the browser's
 * @param lead a sentence or two with what matters most
 * @param facts name and value, in the order they are shown, folded away at the end
 * @param sections in order
 */
public record Page(String title, String lead, Map<String, String> facts, List<Section> sections) {
  public Page {
    sections = List.copyOf(sections);
  }

  /**
   * A part of a page.
   *
   * @param heading a few words
   * @param text sentences under it; may be empty
   * @param table null for none
   * @param pictures in order
   */
  public record Section(String heading, String text, @Nullable Table table, List<? extends Picture> pictures) {
    public Section {
      pictures = List.copyOf(pictures);
    }
  }

  /**
   * Figures in rows.
   *
   * @param columns the headings
   * @param rows as many cells as there are headings in each; the first one says what the row is of
   */
  public record Table(List<String> columns, List<List<String>> rows) {
    public Table {
      columns = List.copyOf(columns);
      rows = List.copyOf(rows);
      for (List<String> row : rows) {
        if (row.size() != columns.size()) {
          throw new IllegalArgumentException("table: a row has " + row.size() + " cells, wanted " + columns.size());
        }
      }
    }
  }
}
