package dev.sluice.bench.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.Backends;
import dev.sluice.bench.browser.Browser;
import dev.sluice.bench.browser.Inspection;
import dev.sluice.bench.report.Page;
import dev.sluice.bench.report.PageFile;
import dev.sluice.bench.report.Picture;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.data.FashionMnist;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of trainings as a browser shows them: whole, with nothing loaded, wide and narrow, light and dark. */
class PagesInBrowserTest {
  private static final Path SCREENSHOTS = Path.of(System.getProperty("sluice.browser.screenshots"));

  @TempDir private static Path profile;

  @TempDir private Path folder;

  private static Browser browser;

  @BeforeAll
  static void startBrowser() throws IOException {
    browser = new Browser(profile);
    Files.createDirectories(SCREENSHOTS);
  }

  @AfterAll
  static void endBrowser() {
    browser.close();
  }

  private void assertWhole(String name, Page page, int pictures) throws IOException {
    Path file = PageFile.write(folder.resolve("index.html"), page);
    for (String scheme : List.of("light", "dark")) {
      for (int width : new int[] {1280, 400}) {
        Inspection seen = browser.open(file, width, scheme);
        Files.write(SCREENSHOTS.resolve(name + "-" + scheme + "-" + width + ".png"), seen.screenshot());
        assertEquals(List.of(), seen.faults(), name + " " + scheme + " " + width);
        assertEquals(pictures, seen.plots().size(), name);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"LSTM,soft,false,13", "JANET,feature,false,4", "JANET,soft,true,13", "GRU,none,false,3",
    "GRU,hard:topk=4,false,13", "JANET,self,false,13"})
  void fashion(CellKind cell, AttentionOption attention, boolean pixels, int pictures) throws IOException {
    FashionMnist images = Stripes.make(folder, 512, 128);
    var configuration = new FashionConfiguration(cell, 16, 1, false, 0, BatchNormKind.NONE, attention,
        attention.hasScore() ? ScoreKind.SCALED : null, new ClipOption.Norm(0.5, 2), pixels ? 1 : 3, 16,
        0.01, pixels ? 64 : null, null, pixels);
    var training = new FashionTraining(configuration, 1, Backends.selected());
    List<FashionReport.Epoch> epochs = training.run(images, Progress::open, _ -> {});
    var report = new FashionReport("fashion", configuration, 1, "vector", 1, 1, epochs,
        epochs.getLast().testAccuracy(), epochs.getLast().testLoss(), 1, "ab");
    String name = "fashion-" + attention.toString().replace(':', '-') + (pixels ? "-pixels" : "");
    assertWhole(name, FashionPage.of(report, training, images), pictures);
  }

  @ParameterizedTest
  @CsvSource({"QUESTION,2,13", "CANDIDATES,1,8", "NONE,1,3"})
  void comprehension(StoryAttentionKind attention, int hops, int pictures) throws IOException {
    var configuration = new ComprehensionConfiguration(CellKind.GRU, 16, 32, attention, hops, new ClipOption.Norm(1, 2),
        2, 2000, 500, 32, 0.005);
    var training = new ComprehensionTraining(configuration, 1, Backends.selected());
    List<ComprehensionReport.Epoch> epochs = training.run(Progress::open, _ -> {});
    ComprehensionEvaluation.Figures figures = training.evaluation().figures(training.model());
    var report = new ComprehensionReport("comprehension", configuration, 1, "vector", 1, 1, epochs, figures.accuracy(),
        figures.oneFactAccuracy(), figures.loss(), figures.kinds(), 1, "ab");
    assertWhole("comprehension-" + attention, ComprehensionPage.of(report, training), pictures);
  }

  @ParameterizedTest
  @ValueSource(strings = {"soft", "hard:topk=2", "transformer"})
  void g2p(String form) throws IOException {
    PronouncingDictionary dictionary = PronouncingDictionary.read(ToyDictionary.write(folder.resolve("toy.dict"), 500));
    DictionarySplit split = DictionarySplit.of(dictionary, 1);
    var configuration = new G2pConfiguration(options(form), G2pVocabulary.of(dictionary));
    var training = new G2pTraining(configuration, 1, Backends.selected());
    List<G2pReport.Epoch> epochs = training.run(split, Progress::open, _ -> {});
    G2pErrors errors = training.evaluation().errors(training.model(), split.test(), 3);
    var report = new G2pReport("g2p", configuration, 1, "vector", 1, 1, G2pReport.Words.of(split), epochs,
        errors.phonemeErrorRate(), errors.wordErrorRate(), training.evaluation().loss(training.model(), split.test()),
        1, "ab");
    assertWhole("g2p-" + form.replace(':', '-'), G2pPage.of(report, training, split), 13);
  }

  private static G2pOptions options(String form) {
    if (form.equals("transformer")) {
      return ToyDictionary.transformer(6);
    }
    AttentionOption attention = AttentionOption.parse(form);
    return ToyDictionary.options(CellKind.LSTM, attention, attention.hasScore() ? ScoreKind.GENERAL : null, 1, 6);
  }

  @Test
  void graph() throws IOException {
    var configuration = new GraphConfiguration(120, 4, 16, 1, 0.2, 0.02, 0.2, ScoreKind.ADDITIVE, 8, 2, 0.2,
        new ClipOption.Norm(1, 2), 60, 0.01);
    CommunityGraph graph = CommunityGraph.draw(configuration, 1);
    var seeing = new GraphTraining(configuration, graph, true, 1, Backends.selected());
    var blind = new GraphTraining(configuration, graph, false, 1, Backends.selected());
    GraphReport.Outcome neighbours = seeing.run(Progress::open);
    var report = new GraphReport("graph", configuration, 1, "vector", 1, 1, graph.edgeCount(), neighbours,
        blind.run(Progress::open), "ab");
    assertWhole("graph", GraphPage.of(report, seeing.course()), 2);
  }

  /** Texts are shown as they are, whatever they look like, and letters align with phonemes. */
  @Test
  void textsThatLookLikeTags() throws IOException {
    String hostile = "</script><img src=\"x.png\" onerror='alert(1)'> & {b|c}";
    var matrix = new Picture.Matrix(hostile, hostile, "phoneme", List.of("K", "AE", hostile), "letter",
        List.of("c", "a", "<b>t</b>"), "weight", new double[][] {{0.9, 0.1, 0}, {0.05, 0.9, 0.05}, {0, 0.2, 0.8}});
    var table = new Page.Table(List.of(hostile, "a"), List.of(List.of(hostile, "b")));
    var page = new Page(hostile, hostile, Map.of(hostile, hostile),
        List.of(new Page.Section(hostile, hostile, table, List.of(matrix))));
    assertWhole("alignment", page, 1);
  }

  /** Else a page that is whole would say nothing. */
  @Test
  void whatIsMissingIsFound() throws IOException {
    Path page = folder.resolve("broken.html");
    Files.writeString(page, """
        <!DOCTYPE html><title>broken</title><img src="missing.png">
        <figure class="curves"><strong>crowded</strong><div class="plot" style="width: 300px; height: 200px">
        <svg width="300" height="200"><text x="9" y="20">one</text><text x="9" y="25">other</text></svg></div></figure>
        <figure><strong>empty</strong><div class="plot" style="width: 300px; height: 200px"></div></figure>
        <script>missing();</script>""");
    List<String> faults = browser.open(page, 1280, "light").faults();
    String all = String.join("\n", faults);
    assertTrue(all.contains("asked for " + folder.resolve("missing.png").toUri()), all);
    assertTrue(all.contains("missing is not defined"), all);
    assertTrue(all.contains("picture 'crowded' has labels on one another: [one | other]"), all);
    assertTrue(all.contains("picture 'empty' has 0 marks"), all);
    assertTrue(all.contains("picture 'empty' is blank"), all);
    assertFalse(all.contains("too wide"), all);
  }
}
