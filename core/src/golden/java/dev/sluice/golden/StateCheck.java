package dev.sluice.golden;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Whether libtorch computes what the library computed from the same parameters.
 *
 * <p>The folder holds, of any {@link StateModel}, {@code NAME.safetensors}, the state dictionary as the library saved
 * it, and {@code NAME.values.safetensors}: {@code input} (ids as I32 or I64) and every result by the names of
 * {@code state.json}. The state is loaded strictly, and every result is to agree within 1e-5.
 */
final class StateCheck {
  private static final double TOLERANCE = 1e-5;
  private static final String STATE = ".safetensors";
  private static final String VALUES = ".values" + STATE;

  private StateCheck() {}

  /** Checks every file of a folder, which may be absent; returns how many models were checked. */
  static int run(Path folder) throws IOException {
    var models = StateModel.all().stream().collect(Collectors.toMap(StateModel::name, model -> model));
    var names = names(folder);
    for (var name : names) {
      var model = models.get(name);
      if (model == null) {
        throw new IllegalArgumentException(name + ": wanted one of " + models.keySet());
      }
      try {
        model.load(SafeTensors.read(folder.resolve(name + STATE)));
        compare(model, SafeTensors.read(folder.resolve(name + VALUES)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
      }
    }
    return names.size();
  }

  private static List<String> names(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(STATE) && !file.endsWith(VALUES))
          .map(file -> file.substring(0, file.length() - STATE.length()))
          .sorted()
          .toList();
    }
  }

  private static void compare(StateModel model, Map<String, Tensor> values) {
    var input = values.get("input");
    if (input == null) {
      throw new IllegalArgumentException("no input among " + values.keySet());
    }
    model.run(input).forEach((key, wanted) -> {
      var given = values.get(key);
      if (given == null || !Arrays.equals(Values.shapeOf(given), Values.shapeOf(wanted))) {
        throw new IllegalArgumentException(key + " is missing or of another shape");
      }
      if (!torch.allclose(given, wanted.detach(), 0, TOLERANCE, false)) {
        throw new IllegalArgumentException(
            key + " differs by up to " + given.sub(wanted.detach()).abs().max().item_double());
      }
    });
  }
}
