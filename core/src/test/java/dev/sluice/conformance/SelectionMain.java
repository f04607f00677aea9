package dev.sluice.conformance;

import dev.sluice.Backends;

/** Asks for the automatic choice twice and prints what it was. */
final class SelectionMain {
  private SelectionMain() {}

  public static void main(String[] arguments) {
    System.out.println(Backends.automatic().id());
    System.out.println(Backends.automatic().id());
  }
}
