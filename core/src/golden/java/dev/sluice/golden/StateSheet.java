package dev.sluice.golden;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * State dictionaries as libtorch has them: the parameters and buffers of each {@link StateModel} in
 * {@code state/NAME.safetensors}, its input and results in {@code state.json}.
 */
final class StateSheet {
  private StateSheet() {}

  static Sheet make(List<StateModel> models) {
    var sheet = new Sheet("state");
    for (var model : models) {
      var sample = sheet.sample(model.name());
      model.options().forEach(sample::option);
      sample.constant("input", model.input());
      model.run(model.input()).forEach(sample::constant);
    }
    return sheet;
  }

  static void writeFiles(List<StateModel> models, Path folder) throws IOException {
    Files.createDirectories(folder);
    for (var model : models) {
      SafeTensors.write(folder.resolve(model.name() + ".safetensors"), model.state());
    }
  }
}
