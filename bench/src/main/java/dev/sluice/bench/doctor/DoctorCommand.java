package dev.sluice.bench.doctor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.sluice.bench.Exit;
import dev.sluice.data.DataException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code sluice doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what this machine can do: JDK, processor, vector width, FMA, C2, threads; every backend, whether it is"
          + " usable, why not and what would help; and which data is there."
    },
    footer = {
      "",
      "Examples:",
      "  sluice doctor",
      "  sluice doctor --json | jq '.backends[] | select(.usable) | .id'"
    })
public final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--json", description = "as one JSON object")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws DataException, JsonProcessingException {
    PrintWriter out = spec.commandLine().getOut();
    Diagnosis diagnosis = Diagnosis.make();
    if (json) {
      out.println(new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(diagnosis));
    } else {
      diagnosis.lines().forEach(out::println);
    }
    out.flush();
    return Exit.OK;
  }
}
