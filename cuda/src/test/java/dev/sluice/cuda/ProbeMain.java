package dev.sluice.cuda;

import dev.sluice.BackendUnavailableException;
import dev.sluice.Backends;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Prints what a provider says of a device, what a forced choice of it does and what the automatic one takes. The
 * argument is the backend's name.
 */
final class ProbeMain {
  private static final Logger LOG = Logger.getLogger("dev.sluice");

  private ProbeMain() {}

  public static void main(String[] arguments) {
    LOG.setLevel(Level.INFO);
    try {
      System.out.println(Backends.get(arguments[0]).id());
    } catch (BackendUnavailableException e) {
      System.out.println("refused: " + e.getMessage());
    }
    System.out.println(Backends.automatic().id());
  }
}
