package dev.sluice.golden;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/**
 * Writes the golden files anew, from the root of the project:
 *
 * <pre>{@code
 * mvn -Pgolden -pl core process-test-classes
 * }</pre>
 *
 * <p>The profile fetches libtorch, compiles this package beside the tests and runs this class, which writes the files
 * {@code NAME.json} of {@code core/src/test/resources/golden}. The same command writes the same bytes: drawn inputs
 * come from {@link java.util.Random}, seeded by the names of file and case, and have few enough bits to be exact in
 * float; libtorch computes in float64 (clipping in float32 as well), with one thread and one choice of kernels.
 *
 * <p>A file is {@code {"source": "libtorch 2.10.0", "cases": [{"name", "options", "tensors"}]}}; a tensor is
 * {@code {"shape", "data"}} in row-major order, masks as 0 and 1, non-finite numbers as the strings NaN, Infinity,
 * -Infinity. In every case that has gradients, {@code upstream.Y} is the gradient given for the result Y, and
 * {@code grad.X} the gradient that arrives at X. Beside them, {@code state/NAME.safetensors} are state dictionaries of
 * libtorch's modules in float32, whose inputs and outputs are the cases of {@code state.json}.
 *
 * <p>With {@code --check FOLDER} it goes the other way: state dictionaries that the library wrote there are loaded into
 * libtorch's modules, whose outputs have to be the library's ({@link StateCheck} says which files). The profile does so
 * after the tests, with the folder {@code golden.check}, by default {@code core/target/golden-state}:
 *
 * <pre>{@code
 * mvn -Pgolden -pl core prepare-package
 * }</pre>
 */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) throws IOException {
    torch.set_num_threads(1);
    try (var scope = new PointerScope()) {
      if (arguments.length == 1) {
        write(Files.createDirectories(Path.of(arguments[0])));
      } else if (arguments.length == 2 && arguments[0].equals("--check")) {
        System.out.printf("%s: %d state dictionaries agree%n", arguments[1], StateCheck.run(Path.of(arguments[1])));
      } else {
        System.err.println("usage: Main FOLDER, or Main --check FOLDER");
        System.exit(2);
      }
    }
  }

  private static void write(Path folder) throws IOException {
    var models = StateModel.all();
    var sheets = List.of(
        LstmSheet.make(),
        HiddenStateSheet.gru(),
        HiddenStateSheet.rnn(),
        JanetSheet.make(),
        IndRnnSheet.make(),
        AttentionSheet.make(),
        MultiHeadSheet.make(),
        TransformerSheet.make(),
        LayerNormSheet.make(),
        BatchNormSheet.make(),
        SoftmaxSheet.make(),
        LossSheet.make(),
        ClippingSheet.make(),
        OptimizerSheet.make(),
        ScheduleSheet.make(),
        PointwiseSheet.make(),
        ConvolutionSheet.make(),
        PoolingSheet.make(),
        StateSheet.make(models));
    for (var sheet : sheets) {
      var file = sheet.write(folder);
      System.out.printf("%s: %d cases, %d bytes%n", file.getFileName(), sheet.size(), Files.size(file));
    }
    StateSheet.writeFiles(models, folder.resolve("state"));
  }
}
