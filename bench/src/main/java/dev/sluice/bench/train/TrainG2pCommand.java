package dev.sluice.bench.train;

import dev.sluice.bench.Exit;
import dev.sluice.bench.UsageException;
import dev.sluice.bench.terminal.Progress;
import dev.sluice.spi.Backend;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code sluice train g2p}: options in, a trained model's figures out. */
@Command(
    name = "g2p",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    sortSynopsis = false,
    showDefaultValues = true,
    description = {
      "Trains the translation of letters to phonemes on the CMU pronouncing dictionary.",
      "A recurrence reads a word's letters from both ends, another writes phonemes and attends over what the first"
          + " made of each letter; or a transformer does both. Adam lessens the cross-entropy. A hash of each word puts"
          + " 90 %% of the words into the training, 5 %% into the looks after each epoch and 5 %% into the test, where"
          + " a word is right that has any of its listed pronunciations."
    },
    footerHeading = "%n",
    footer = {
      "Kinds of attention:",
      "  soft                 a mean of what the letters became, by softmax weights",
      "  hard:topk=K          the same of the K letters that weigh most",
      "  hard:threshold=T     the same of the letters that weigh T or more",
      "  hard:sample          one letter, drawn by its weight; when tested, the one that weighs most",
      "  sparsemax            as soft, by sparsemax weights: those of low scores are exactly 0",
      "  multihead            what several heads see",
      "",
      "Ways of clipping: see sluice train fashion --help",
      "",
      "Examples:",
      "  sluice train g2p --report out --save out",
      "  sluice train g2p --cell gru --score additive --epochs 5",
      "  sluice train g2p --attention hard:topk=2",
      "  sluice train g2p --model transformer --epochs 7",
      "  sluice train g2p --limit-train 10000 --limit-test 1000 --epochs 3     a quick look",
      "  sluice pronounce --model out sluice attention",
      "  sluice evaluate out",
      "",
      "Data: --data, else $XDG_CACHE_HOME/sluice/cmudict or ~/.cache/sluice/cmudict, which is filled by",
      "  Maven (de.sciss:sphinx4-data:1.0.0, 37 MB). A line is a word and its phonemes.",
      "",
      "Exit codes: 0 done, 1 failed while running, 2 wrong usage or missing data, 130 interrupted"
    })
final class TrainG2pCommand implements Callable<Integer> {
  @Option(names = "--model", paramLabel = "KIND", defaultValue = "rnn", converter = WordConverter.Model.class,
      description = "what translates: rnn or transformer")
  private ModelKind model = ModelKind.RNN;

  @Option(names = "--cell", paramLabel = "CELL", converter = WordConverter.Cell.class,
      description = "what reads and writes in an rnn: lstm, gru, rnn, janet, indrnn or%n  indrnn2%n  Default: lstm")
  private @Nullable CellKind cell;

  @Option(names = "--attention", paramLabel = "KIND", converter = AttentionConverter.class,
      description = "of an rnn's decoder over the letters, see below%n  Default: soft")
  private @Nullable AttentionOption attention;

  @Option(names = "--score", paramLabel = "KIND", converter = WordConverter.Score.class,
      description = "of an rnn's soft, sparsemax or hard attention: dot, scaled, general or%n  additive%n"
          + "  Default: general")
  private @Nullable ScoreKind score;

  @Option(names = "--heads", paramLabel = "N",
      description = "of a transformer's attention, or of multihead attention%n  Default: 4")
  private @Nullable Integer heads;

  @Option(names = "--hidden", paramLabel = "N",
      description = "width of the decoder, and of the encoder, all directions together%n  Default: 384 for rnn, 256 for"
          + " transformer")
  private @Nullable Integer hidden;

  @Option(names = "--layers", paramLabel = "N",
      description = "of encoder and of decoder%n  Default: 1 for rnn, 3 for transformer")
  private @Nullable Integer layers;

  @Option(names = "--embedding", paramLabel = "N",
      description = "width of a letter or a phoneme in an rnn%n  Default: 128")
  private @Nullable Integer embedding;

  @Option(names = "--dropout", paramLabel = "P", defaultValue = "0.2",
      description = "share of embeddings and outputs that is dropped in training")
  private double dropout;

  @Option(names = "--label-smoothing", paramLabel = "P", defaultValue = "0.1",
      description = "share of the target that is spread over all phonemes")
  private double labelSmoothing;

  @Option(names = "--epochs", paramLabel = "N", defaultValue = "6", description = "times the training words are seen")
  private int epochs;

  @Option(names = "--batch", paramLabel = "N", defaultValue = "128", description = "pronunciations in a step")
  private int batch;

  @Option(names = "--lr", paramLabel = "X",
      description = "learning rate of Adam at first%n  Default: 0.002 for rnn, 0.001 for transformer")
  private @Nullable Double learningRate;

  @Option(names = "--beam", paramLabel = "N", defaultValue = "5", description = "hypotheses of a word in the test")
  private int beam;

  @Option(names = "--length-penalty", paramLabel = "X", defaultValue = "1",
      description = "alpha of the normalisation by length: 0 favours short%n  pronunciations")
  private double lengthPenalty;

  @Option(names = "--limit-train", paramLabel = "N", description = "use N training words only")
  private @Nullable Integer limitTrain;

  @Option(names = "--limit-test", paramLabel = "N", description = "use N test words only")
  private @Nullable Integer limitTest;

  @Option(names = "--split-seed", paramLabel = "N", defaultValue = "1", description = "of which words are tested")
  private long splitSeed;

  @Option(names = "--data", paramLabel = "FILE", description = "dictionary to learn in place of CMU's")
  private @Nullable Path data;

  @Mixin private final TrainOptions train = new TrainOptions(new ClipOption.Norm(1, 2));

  @Override
  public Integer call() throws IOException, InterruptedException {
    G2pOptions options = train.prepare(this::options);
    Backend chosen = train.choose();
    PronouncingDictionary dictionary = DictionaryData.load(data);
    DictionarySplit split = DictionarySplit.of(dictionary, splitSeed).first(limitTrain, limitTest);
    G2pReport.Words words = G2pReport.Words.of(split);
    if (words.train() == 0 || words.validation() == 0 || words.test() == 0) {
      throw new UsageException("the dictionary has " + dictionary.words().size()
          + " words, wanted enough for a part to train with, one to look at and one to test");
    }
    var configuration = new G2pConfiguration(options, G2pVocabulary.of(dictionary));
    var training = new G2pTraining(configuration, train.seed(), chosen);
    PrintWriter out = train.out();
    long parameters = train.announce(chosen, training.model(), ", on " + words.train() + " words; "
        + words.validation() + " to look at, " + words.test() + " to test");
    List<G2pReport.Epoch> epochs = training.run(split, Progress::open, epoch -> print(out, epoch));
    var evaluation = new G2pEvaluation(configuration);
    G2pErrors errors = evaluation.errors(training.model(), split.test(), beam);
    var figures = new G2pReport(configuration.task(), configuration, train.seed(), chosen.id(), BackendChoice.threads(),
        parameters, words, epochs, errors.phonemeErrorRate(), errors.wordErrorRate(),
        evaluation.loss(training.model(), split.test()),
        epochs.stream().mapToDouble(G2pReport.Epoch::seconds).sum(),
        WeightsDigest.of(training.model().namedParameters()));
    out.printf(Locale.ROOT, "test phoneme error rate %.4f  word error rate %.4f after %.1f s of training; weights %s%n",
        figures.phonemeErrorRate(), figures.wordErrorRate(), figures.trainSeconds(), figures.weightsSha256());
    train.write(figures, () -> G2pPage.of(figures, training, split), configuration, training.model());
    return Exit.OK;
  }

  private static void print(PrintWriter out, G2pReport.Epoch epoch) {
    out.printf(Locale.ROOT,
        "epoch %d  loss %.4g  phoneme error rate %.4f  word error rate %.4f  %.1f s  %.0f samples/s"
            + "  gradient norm up to %.3g, clipped %.3g%n",
        epoch.epoch(), epoch.loss(), epoch.validationPhonemeErrorRate(), epoch.validationWordErrorRate(),
        epoch.seconds(), epoch.samplesPerSecond(), epoch.gradientNormBefore(), epoch.gradientNormAfter());
    out.flush();
  }

  private G2pOptions options() {
    boolean rnn = model == ModelKind.RNN;
    AttentionOption looking = or(attention, rnn ? AttentionOption.Plain.SOFT : null);
    boolean scores = looking != null && looking.hasScore();
    boolean hasHeads = looking == null || looking == AttentionOption.Plain.MULTIHEAD;
    return new G2pOptions(model, or(cell, rnn ? CellKind.LSTM : null), looking,
        or(score, scores ? ScoreKind.GENERAL : null), or(heads, hasHeads ? Integer.valueOf(4) : null),
        hidden != null ? hidden : rnn ? 384 : 256, layers != null ? layers : rnn ? 1 : 3,
        or(embedding, rnn ? Integer.valueOf(128) : null), dropout, labelSmoothing, train.clip(), epochs, batch,
        learningRate != null ? learningRate : rnn ? 0.002 : 0.001, beam, lengthPenalty, splitSeed, limitTrain,
        limitTest);
  }

  private static <T> @Nullable T or(@Nullable T given, @Nullable T usual) {
    return given != null ? given : usual;
  }
}
