package dev.sluice.bench;

import dev.sluice.data.DataException;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns every failure into one line on stderr and an exit code. */
final class Errors implements IParameterExceptionHandler, IExecutionExceptionHandler {
  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    var message = new StringBuilder(decapitalize(oneLine(failure.getMessage())));
    if (failure instanceof UnmatchedArgumentException unmatched) {
      List<String> suggestions = unmatched.getSuggestions();
      if (!suggestions.isEmpty()) {
        message.append(" (did you mean ").append(String.join(" or ", suggestions)).append("?)");
      }
    }
    say(command.getErr(), message + "; see: sluice " + path(command) + "--help");
    return Exit.USAGE;
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult arguments) {
    say(command.getErr(), describe(failure));
    if (System.getenv("SLUICE_DEBUG") != null) {
      failure.printStackTrace(command.getErr());
    }
    return failure instanceof UsageException || failure instanceof DataException ? Exit.USAGE : Exit.FAILED;
  }

  /** What is said of a failure: its message alone where that is meant for people, its type as well where it is not. */
  static String describe(Throwable failure) {
    return switch (failure) {
      case UsageException e -> oneLine(e.getMessage());
      case DataException e -> oneLine(e.getMessage());
      case OutOfMemoryError _ ->
          "out of memory; give the JVM more, such as SLUICE_JAVA_OPTS=-Xmx4g, or take a smaller --batch";
      default -> failure.getClass().getSimpleName() + ": " + oneLine(failure.getMessage())
          + " (SLUICE_DEBUG=1 shows where)";
    };
  }

  private static void say(PrintWriter err, String message) {
    err.println("sluice: " + message);
    err.flush();
  }

  private static String path(CommandLine command) {
    String name = command.getCommandSpec().qualifiedName(" ");
    return name.substring(Math.min(name.length(), Main.NAME.length() + 1)) + (name.equals(Main.NAME) ? "" : " ");
  }

  private static String oneLine(@Nullable String message) {
    return message == null ? "no message" : message.lines().map(String::strip).reduce((a, b) -> a + " " + b).orElse("");
  }

  private static String decapitalize(String text) {
    return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }
}
