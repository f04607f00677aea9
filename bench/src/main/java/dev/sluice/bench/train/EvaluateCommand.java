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

  @Option(names = "--data", paramLabel = "DIR", description = "folder with the four files of Fashion-MNIST")
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
    };
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(figures));
    } else {
      out.println("backend " + backend.description());
      Double accuracy = figures.testAccuracy();
      out.println("test loss " + figures.testLoss() + (accuracy == null ? "" : "  test accuracy " + accuracy));
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
        configuration.task(), backend.id(), BackendChoice.threads(), figures.loss(), figures.accuracy());
  }

  private Evaluation evaluate(AddingConfiguration configuration, long seed, Backend backend) {
    refuseData("the adding problem, which has no files");
    var model = new AddingModel(configuration, new Generator(seed));
    SavedModel.load(folder, model);
    model.to(backend);
    var problem = new AddingProblem(configuration.steps(), configuration.batch());
    double loss = new AddingEvaluation(problem, backend).loss(model);
    return new Evaluation(configuration.task(), backend.id(), BackendChoice.threads(), loss, null);
  }

  private Evaluation evaluate(ComprehensionConfiguration configuration, long seed, Backend backend) {
    refuseData("stories that are drawn, which have no files");
    var model = new ComprehensionModel(configuration, new Generator(seed));
    SavedModel.load(folder, model);
    model.to(backend);
    var figures = new ComprehensionEvaluation(configuration, backend).figures(model);
    return new Evaluation(
        configuration.task(), backend.id(), BackendChoice.threads(), figures.loss(), figures.accuracy());
  }

  private void refuseData(String trained) {
    if (data != null) {
      throw new UsageException("--data " + data + ": the model in " + folder + " was trained on " + trained);
    }
  }
}
