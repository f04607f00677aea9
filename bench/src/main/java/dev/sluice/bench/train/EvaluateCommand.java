package dev.sluice.bench.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.sluice.Generator;
import dev.sluice.bench.Exit;
import dev.sluice.bench.UsageException;
import dev.sluice.data.FashionMnist;
import dev.sluice.spi.Backend;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code sluice evaluate}: a saved model in, its figures on the test out. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Tests a model that sluice train TASK --save DIR kept.",
      "The model is made again from DIR/configuration.json, its weights are those of DIR/model.safetensors, and the"
          + " test is that of its training: on the vector backend the figures are the same to the last digit."
    },
    footer = {
      "",
      "Examples:",
      "  sluice train fashion --cell gru --epochs 1 --save out",
      "  sluice evaluate out",
      "  sluice evaluate out --json | jq .testAccuracy",
      "",
      "Exit codes: 0 done, 1 failed while running, 2 wrong usage, missing or damaged files or data"
    })
public final class EvaluateCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "the folder that --save wrote")
  private Path folder;

  @Option(names = "--data", paramLabel = "PATH",
      description = "folder with the four files of Fashion-MNIST, or file with a dictionary")
  private @Nullable Path data;

  @Mixin private ComputeOptions compute;

  @Option(names = "--json", description = "as one JSON object")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    compute.check();
    SavedModel saved = SavedModel.read(folder);
    Backend backend = compute.choose();
    Evaluation figures = switch (saved.configuration()) {
      case FashionConfiguration fashion -> evaluate(fashion, saved.seed(), backend);
      case AddingConfiguration adding -> evaluate(adding, saved.seed(), backend);
      case ComprehensionConfiguration comprehension -> evaluate(comprehension, saved.seed(), backend);
      case G2pConfiguration g2p -> evaluate(g2p, saved.seed(), backend);
      case GraphConfiguration graph -> evaluate(graph, saved.seed(), backend);
    };
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(figures));
    } else {
      out.println("backend " + backend.description());
      out.println(figures.line());
    }
    out.flush();
    return Exit.OK;
  }

  private Evaluation evaluate(FashionConfiguration configuration, long seed, Backend backend)
      throws IOException, InterruptedException {
    var model = new FashionClassifier(configuration, new Generator(seed));
    SavedModel.load(folder, model);
    model.to(backend);
    FashionMnist images = FashionData.load(data);
    var figures = new FashionEvaluation(configuration, backend).figures(model, images);
    return new Evaluation(
        configuration.task(), backend.id(), BackendChoice.threads(), figures.loss(), figures.accuracy(), null, null);
  }

  private Evaluation evaluate(AddingConfiguration configuration, long seed, Backend backend) {
    requireNoData("the adding problem, which has no files");
    var model = new AddingModel(configuration, new Generator(seed));
    SavedModel.load(folder, model);
    model.to(backend);
    var problem = new AddingProblem(configuration.steps(), configuration.batch());
    double loss = new AddingEvaluation(problem, backend).loss(model);
    return new Evaluation(configuration.task(), backend.id(), BackendChoice.threads(), loss, null, null, null);
  }

  private Evaluation evaluate(G2pConfiguration configuration, long seed, Backend backend)
      throws IOException, InterruptedException {
    G2pModel model = G2pModel.make(configuration, new Generator(seed));
    SavedModel.load(folder, model);
    model.to(backend);
    PronouncingDictionary dictionary = DictionaryData.load(data);
    configuration.vocabulary().requireSameAs(dictionary, folder);
    G2pOptions options = configuration.options();
    List<Word> test =
        DictionarySplit.of(dictionary, options.splitSeed()).first(options.limitTrain(), options.limitTest()).test();
    var evaluation = new G2pEvaluation(configuration);
    G2pErrors errors = evaluation.errors(model, test, options.beam());
    return new Evaluation(configuration.task(), backend.id(), BackendChoice.threads(), evaluation.loss(model, test),
        null, errors.phonemeErrorRate(), errors.wordErrorRate());
  }

  private Evaluation evaluate(GraphConfiguration configuration, long seed, Backend backend) {
    requireNoData("a generated graph, which has no files");
    var model = new GraphClassifier(configuration, new Generator(seed));
    SavedModel.load(folder, model);
    model.to(backend);
    var figures = new GraphEvaluation(CommunityGraph.draw(configuration, seed), backend).figures(model, true);
    return new Evaluation(
        configuration.task(), backend.id(), BackendChoice.threads(), figures.loss(), figures.accuracy(), null, null);
  }

  private Evaluation evaluate(ComprehensionConfiguration configuration, long seed, Backend backend) {
    requireNoData("stories that are drawn, which have no files");
    var model = new ComprehensionModel(configuration, new Generator(seed));
    SavedModel.load(folder, model);
    model.to(backend);
    var figures = new ComprehensionEvaluation(configuration, backend).figures(model);
    return new Evaluation(
        configuration.task(), backend.id(), BackendChoice.threads(), figures.loss(), figures.accuracy(), null, null);
  }

  private void requireNoData(String task) {
    if (data != null) {
      throw new UsageException("--data " + data + ": the model in " + folder + " was trained on " + task);
    }
  }
}
