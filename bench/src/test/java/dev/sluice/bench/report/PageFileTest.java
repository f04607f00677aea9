package dev.sluice.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.bench.report.Curve.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageFileTest {
  private static final String HOSTILE = "</script><b class=\"x\" id='y'>&</b>";
  private static final String ESCAPED = "&lt;/script&gt;&lt;b class=&quot;x&quot; id=&#39;y&#39;&gt;&amp;&lt;/b&gt;";

  @TempDir Path folder;

  private static Page page(String text, Picture... pictures) {
    return new Page(text, text, Map.of(text, text), List.of(new Page.Section(text, text,
        new Page.Table(List.of(text), List.of(List.of(text))), List.of(pictures))));
  }

  private static Picture.Matrix matrix(String text) {
    return new Picture.Matrix(text, text, text, List.of(text), text, List.of(text), text, new double[][] {{1}});
  }

  private static JsonNode pictures(String html) throws IOException {
    String start = "<script type=\"application/json\" id=\"pictures\">";
    int from = html.indexOf(start) + start.length();
    return new ObjectMapper().readTree(html.substring(from, html.indexOf("</script>", from)));
  }

  @Test
  void picturesAreDataAsTheyWereGiven() throws IOException {
    var curves = new Picture.Curves("loss", "", "step", "nats", Scale.LOGARITHMIC,
        List.of(new Curve("training", List.of(new Point(1, 0.5), new Point(2, Double.NaN)))));
    var image = new Picture.Image("bag", "rightly", new double[][] {{0, 1}}, "weight", new double[][] {{0.25}}, 0.5);
    assertEquals(new ObjectMapper().readTree("""
        [{"type": "curves", "title": "loss", "caption": "", "x": "step", "y": "nats", "scale": "LOGARITHMIC",
          "curves": [{"name": "training", "points": [[1.0, 0.5], [2.0, "NaN"]]}]},
         {"type": "matrix", "title": "m", "caption": "m", "rowName": "m", "rows": ["m"], "columnName": "m",
          "columns": ["m"], "valueName": "m", "values": [[1.0]]},
         {"type": "image", "title": "bag", "caption": "rightly", "pixels": [[0.0, 1.0]], "weightName": "weight",
          "weights": [[0.25]], "most": 0.5}]"""),
        pictures(PageFile.html(page("x", curves, matrix("m"), image))));
  }

  @Test
  void noTextEndsWhatItStandsIn() throws IOException {
    String html = PageFile.html(page(HOSTILE, matrix(HOSTILE)));
    assertFalse(html.contains(HOSTILE));
    assertEquals(HOSTILE, pictures(html).get(0).get("title").textValue());
    assertTrue(html.contains("<title>" + ESCAPED + "</title>"));
    assertTrue(html.contains("<h2>" + ESCAPED + "</h2>"));
    assertTrue(html.contains("<th scope=\"row\">" + ESCAPED + "</th>"));
    assertTrue(html.contains("<strong>" + ESCAPED + "</strong>"));
    assertTrue(html.contains("<dd>" + ESCAPED + "</dd>"));
    assertEquals(3, html.split("<script", -1).length - 1);
  }

  @Test
  void holdsAllThatItNeedsAndForbidsTheRest() throws IOException {
    String html = PageFile.html(page("x", matrix("m")));
    assertTrue(html.contains("default-src 'none'"));
    assertTrue(html.contains("Licensed to the Apache Software Foundation"));
    assertTrue(html.contains("echarts.init("));
    String withoutScripts = html.replaceAll("(?s)<script>.*?</script>", "");
    assertFalse(withoutScripts.contains(" src="));
    assertEquals(List.of("<link rel=\"icon\" href=\"data:,\">"),
        withoutScripts.lines().filter(line -> line.contains("href=")).toList());
  }

  @Test
  void appearsByARename() throws IOException {
    Path file = PageFile.write(folder.resolve("new/index.html"), page("x"));
    PageFile.write(file, page("y"));
    assertTrue(Files.readString(file).contains("<h1>y</h1>"));
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void refusesPicturesOfNothingOrOfAnotherShape() {
    double[][] two = {{1, 2}};
    assertRefused("picture 't': values has 1 rows, wanted 2",
        () -> new Picture.Matrix("t", "", "", List.of("a", "b"), "", List.of("c"), "w", two));
    assertRefused("picture 't': values has a row of 2, wanted 1",
        () -> new Picture.Matrix("t", "", "", List.of("a"), "", List.of("c"), "w", two));
    assertRefused("picture 't': no row or column, wanted one or more",
        () -> new Picture.Matrix("t", "", "", List.of(), "", List.of("c"), "w", two));
    assertRefused("picture 't': no curve, wanted one or more",
        () -> new Picture.Curves("t", "", "x", "y", Scale.SHARE, List.of()));
    assertRefused("picture 't': no pixel, wanted one or more",
        () -> new Picture.Image("t", "", new double[0][], "w", two, 1));
    assertRefused("picture 't': weights has a row of 3, wanted 2",
        () -> new Picture.Image("t", "", two, "w", new double[][] {{1, 2, 3}}, 1));
    assertRefused("picture 't': most is 0.0, wanted a number above 0",
        () -> new Picture.Image("t", "", two, "w", two, 0));
    assertRefused("table: a row has 2 cells, wanted 1",
        () -> new Page.Table(List.of("a"), List.of(List.of("b", "c"))));
  }

  private static void assertRefused(String message, Runnable making) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, making::run).getMessage());
  }
}
