package dev.sluice.cuda;

import dev.sluice.Backends;

/** Starts the backend and says so. */
final class ColdStartMain {
  private ColdStartMain() {}

  public static void main(String[] arguments) {
    System.out.println(Backends.get("cuda").id());
  }
}
