package dev.sluice.bench.train;

import static dev.sluice.bench.train.Configuration.positive;

import dev.sluice.Generator;
import dev.sluice.bench.Exit;
import dev.sluice.bench.UsageException;
import dev.sluice.nn.sequence.Hypothesis;
import dev.sluice.spi.Backend;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code sluice pronounce}: words in, phonemes out. */
@Command(
    name = "pronounce",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Pronounces words by a model that sluice train g2p --save DIR kept.",
      "A line is a word, a tab, and its phonemes; with --best, the likeliest pronunciations, the best first."
    },
    footer = {
      "",
      "Examples:",
      "  sluice pronounce --model out sluice attention",
      "  sluice pronounce --model out --best 3 read",
      "",
      "Exit codes: 0 done, 1 failed while running, 2 wrong usage, missing or damaged files"
    })
public final class PronounceCommand implements Callable<Integer> {
  @Option(names = "--model", paramLabel = "DIR", required = true, description = "the folder that --save wrote")
  private Path folder;

  @Option(names = "--best", paramLabel = "N", defaultValue = "1", description = "how many pronunciations of each word")
  private int best;

  @Parameters(paramLabel = "WORD", arity = "1..*",
      description = "in the letters of the dictionary; capitals that it has not are%n  taken for small ones")
  private List<String> words;

  @Mixin private ComputeOptions compute;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    compute.check();
    try {
      positive("--best", best);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
    SavedModel saved = SavedModel.read(folder);
    if (!(saved.configuration() instanceof G2pConfiguration configuration)) {
      throw new UsageException(folder + ": the model there was trained on " + saved.task() + ", wanted one of g2p");
    }
    List<String> spellings = new ArrayList<>();
    for (String word : words) {
      spellings.add(spelling(word, configuration.vocabulary()));
    }
    Backend backend = compute.choose();
    G2pModel model = G2pModel.make(configuration, new Generator(saved.seed()));
    SavedModel.load(folder, model);
    model.to(backend);
    int beam = Math.max(best, configuration.options().beam());
    List<List<Hypothesis>> found = new G2pEvaluation(configuration).pronounce(model, spellings, beam);
    PrintWriter out = spec.commandLine().getOut();
    for (int i = 0; i < spellings.size(); i++) {
      for (Hypothesis each : found.get(i).subList(0, Math.min(best, found.get(i).size()))) {
        out.println(words.get(i) + "\t" + String.join(" ", configuration.vocabulary().pronunciation(each.tokens())));
      }
    }
    out.flush();
    return Exit.OK;
  }

  private static String spelling(String word, G2pVocabulary vocabulary) {
    String small = word.toLowerCase(Locale.ROOT);
    String spelling = vocabulary.spells(word) ? word : small;
    if (word.isEmpty() || !vocabulary.spells(spelling)) {
      throw new UsageException(
          "'" + word + "' cannot be spelled, wanted a word in the letters " + vocabulary.letters());
    }
    return spelling;
  }
}
