package dev.sluice.bench.doctor;

import dev.sluice.bench.Exit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = "Shows what this machine can do: JDK, processor, backends, data.")
public final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--json", description = "as one JSON object")
  private boolean json;

  @Override
  public Integer call() {
    System.out.println(Runtime.version());
    return Exit.OK;
  }
}
