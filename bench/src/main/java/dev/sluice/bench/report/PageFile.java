package dev.sluice.bench.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.bench.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;

/** Pages as HTML files. */
public final class PageFile {
  /** A matrix with more columns than these takes more room. */
  private static final int WIDE = 12;

  private static final JsonMapper JSON = new JsonMapper();

  private PageFile() {}

  /**
   * Writes a {@link WholeFile} that needs no other, nor a network: its policy forbids the browser to load anything.
   *
   * @param file where to; its folder is made if need be
   * @return the file
   */
  public static Path write(Path file, Page page) throws IOException {
    return WholeFile.write(file, html(page).getBytes(StandardCharsets.UTF_8));
  }

  static String html(Page page) throws IOException {
    List<Picture> pictures = new ArrayList<>();
    var body = new StringBuilder();
    page.sections().forEach(section -> append(body, section, pictures));
    if (!page.facts().isEmpty()) {
      body.append("<details>\n<summary>How it was made</summary>\n<dl>\n");
      page.facts().forEach((name, value) ->
          body.append("<dt>").append(escape(name)).append("</dt><dd>").append(escape(value)).append("</dd>\n"));
      body.append("</dl>\n</details>\n");
    }
    return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; \
        style-src 'unsafe-inline'; img-src data:">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>%s</title>
        <link rel="icon" href="data:,">
        <style>
        %s</style>
        </head>
        <body>
        <header>
        <h1>%1$s</h1>
        <p>%s</p>
        </header>
        <main>
        <noscript><p>The pictures are drawn by this page's own scripts, which are switched off here.</p></noscript>
        %s</main>
        <script type="application/json" id="pictures">%s</script>
        <script>%s</script>
        <script>
        %s</script>
        </body>
        </html>
        """.formatted(escape(page.title()), resource("page.css"), escape(page.lead()), body, json(pictures),
        script(charts()), script(resource("page.js")));
  }

  private static void append(StringBuilder body, Page.Section section, List<Picture> pictures) {
    body.append("<section>\n<h2>").append(escape(section.heading())).append("</h2>\n");
    if (!section.text().isEmpty()) {
      body.append("<p>").append(escape(section.text())).append("</p>\n");
    }
    if (section.table() != null) {
      append(body, section.table());
    }
    body.append("<div class=\"pictures\">\n");
    for (Picture picture : section.pictures()) {
      body.append("<figure class=\"").append(kind(picture)).append("\">\n<figcaption><strong>")
          .append(escape(picture.title())).append("</strong>");
      if (!picture.caption().isEmpty()) {
        body.append("<br>").append(escape(picture.caption()));
      }
      body.append("</figcaption>\n<div class=\"plot\"></div>\n</figure>\n");
      pictures.add(picture);
    }
    body.append("</div>\n</section>\n");
  }

  private static void append(StringBuilder body, Page.Table table) {
    body.append("<div class=\"table\"><table>\n<thead><tr>");
    table.columns().forEach(name -> body.append("<th scope=\"col\">").append(escape(name)).append("</th>"));
    body.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : table.rows()) {
      body.append("<tr><th scope=\"row\">").append(escape(row.getFirst())).append("</th>");
      row.stream().skip(1).forEach(cell -> body.append("<td>").append(escape(cell)).append("</td>"));
      body.append("</tr>\n");
    }
    body.append("</tbody>\n</table></div>\n");
  }

  private static String kind(Picture picture) {
    return switch (picture) {
      case Picture.Curves _ -> "curves";
      case Picture.Matrix matrix -> matrix.columns().size() > WIDE ? "matrix wide" : "matrix";
      case Picture.Image _ -> "image";
    };
  }

  /** A text as HTML shows it, between tags or quotes. */
  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** JSON in which no tag can end the script around it. */
  private static String json(List<Picture> pictures) throws IOException {
    String[] each = new String[pictures.size()];
    for (int i = 0; i < each.length; i++) {
      each[i] = JSON.writeValueAsString(pictures.get(i)).replace("<", "\\u003c");
    }
    return "[" + String.join(",\n", each) + "]";
  }

  /**
   * A script as it may stand in a page.
   *
   * @throws IllegalStateException if it holds what would end it, or hide its end
   */
  private static String script(String text) {
    if (text.contains("</script") || text.contains("<!--")) {
      throw new IllegalStateException("page: a script holds </script or <!--, wanted one that can be inlined");
    }
    return text;
  }

  /** Apache ECharts, with the licences at its head, in whatever version is on the class path. */
  private static String charts() throws IOException {
    var properties = new Properties();
    try (InputStream in = open("/META-INF/maven/org.webjars/echarts/pom.properties")) {
      properties.load(in);
    }
    return resource("/META-INF/resources/webjars/echarts/" + properties.getProperty("version") + "/echarts.min.js");
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = open(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static InputStream open(String name) {
    return Objects.requireNonNull(PageFile.class.getResourceAsStream(name), name);
  }
}
