package dev.sluice.bench.train;

import dev.sluice.bench.Exit;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.spi.Backend;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code sluice train graph}: options in, what neighbours are worth out. */
@Command(
    name = "graph",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    sortSynopsis = false,
    showDefaultValues = true,
    description = {
      "Trains attention over neighbours to tell the communities of a generated graph.",
      "Nodes of one community have an edge more often than others, and their features are noisy: a node alone says"
          + " little. Some nodes' communities are known in training, the others' are the test. The same model is"
          + " trained twice, with nodes that see their neighbours and with nodes that see themselves alone."
    },
    footerHeading = "%n",
    footer = {
      "Ways of clipping: see sluice train fashion --help",
      "",
      "Examples:",
      "  sluice train graph",
      "  sluice train graph --score scaled --nodes 2000 --inside 0.02 --outside 0.002 --report out --save out",
      "  sluice evaluate out",
      "",
      "Exit codes: 0 done, 1 failed while running, 2 wrong usage, 130 interrupted"
    })
final class TrainGraphCommand implements Callable<Integer> {
  @Option(names = "--nodes", paramLabel = "N", defaultValue = "600", description = "nodes of the graph")
  private int nodes;

  @Option(names = "--communities", paramLabel = "N", defaultValue = "4", description = "communities of equal size")
  private int communities;

  @Option(names = "--features", paramLabel = "N", defaultValue = "16", description = "width of a node")
  private int features;

  @Option(names = "--signal", paramLabel = "X", defaultValue = "1",
      description = "length of a community's mean, where noise is 1 in each feature")
  private double signal;

  @Option(names = "--inside", paramLabel = "P", defaultValue = "0.06",
      description = "chance of an edge within a community")
  private double inside;

  @Option(names = "--outside", paramLabel = "P", defaultValue = "0.005",
      description = "chance of an edge between communities")
  private double outside;

  @Option(names = "--train-share", paramLabel = "P", defaultValue = "0.2",
      description = "share of the nodes whose community is known in training")
  private double trainShare;

  @Option(names = "--score", paramLabel = "KIND", defaultValue = "additive", converter = WordConverter.Score.class,
      description = "of neighbours: dot, scaled or additive")
  private ScoreKind score = ScoreKind.ADDITIVE;

  @Option(names = "--hidden", paramLabel = "N", defaultValue = "8", description = "width of a head")
  private int hidden;

  @Option(names = "--heads", paramLabel = "N", defaultValue = "4", description = "heads of the first layer")
  private int heads;

  @Option(names = "--dropout", paramLabel = "P", defaultValue = "0.2",
      description = "share of the attention weights that is dropped in training")
  private double dropout;

  @Option(names = "--epochs", paramLabel = "N", defaultValue = "100", description = "steps over the whole graph")
  private int epochs;

  @Option(names = "--lr", paramLabel = "X", defaultValue = "0.01", description = "learning rate of Adam")
  private double learningRate;

  @Mixin private final TrainOptions train = new TrainOptions(new ClipOption.None());

  @Override
  public Integer call() throws IOException {
    GraphConfiguration configuration = train.prepare(this::configuration);
    Backend chosen = train.choose();
    CommunityGraph graph = CommunityGraph.draw(configuration, train.seed());
    var seeing = new GraphTraining(configuration, graph, true, train.seed(), chosen);
    var blind = new GraphTraining(configuration, graph, false, train.seed(), chosen);
    PrintWriter out = train.out();
    int edges = graph.edgeCount();
    long parameters = train.announce(chosen, seeing.model(), ", on " + nodes + " nodes with " + edges + " edges");
    GraphReport.Outcome neighbours = seeing.run(Progress::open);
    print(out, "with neighbours", neighbours);
    GraphReport.Outcome alone = blind.run(Progress::open);
    print(out, "without", alone);
    var figures = new GraphReport(configuration.task(), configuration, train.seed(), chosen.id(),
        BackendChoice.threads(), parameters, edges, neighbours, alone,
        WeightsDigest.of(seeing.model().namedParameters()));
    train.write(figures, () -> GraphPage.of(figures, seeing.course()), configuration, seeing.model());
    return Exit.OK;
  }

  private static void print(PrintWriter out, String title, GraphReport.Outcome outcome) {
    out.printf(Locale.ROOT,
        "%s: test accuracy %.4f  test loss %.4g  loss %.4g  %.1f s  gradient norm up to %.3g, clipped %.3g%n",
        title, outcome.testAccuracy(), outcome.testLoss(), outcome.loss(), outcome.trainSeconds(),
        outcome.gradientNormBefore(), outcome.gradientNormAfter());
    out.flush();
  }

  private GraphConfiguration configuration() {
    return new GraphConfiguration(nodes, communities, features, signal, inside, outside, trainShare, score, hidden,
        heads, dropout, train.clip(), epochs, learningRate);
  }
}
