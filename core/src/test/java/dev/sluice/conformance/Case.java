package dev.sluice.conformance;

/**
 * One case of the suite.
 *
 * @param family the kernel family, as {@link dev.sluice.spi.Backend} names it, in lower case
 * @param group what the case is reported under: the kernel and perhaps a leading option
 * @param name the case within its group: the spec
 * @param special whether drawn inputs contain NaN, infinities, denormals and huge values
 * @param script what it does
 */
record Case(String family, String group, String name, boolean special, Script script) {
  static Case of(String family, String group, String name, Script script) {
    return new Case(family, group, name, false, script);
  }

  static Case special(String family, String group, String name, Script script) {
    return new Case(family, group, name + " special values", true, script);
  }

  /** The seed of the inputs: its own for each case, the same in every run. */
  long seed() {
    return (family + group + name).hashCode();
  }

  @Override
  public String toString() {
    return family + ", " + group + ", " + name;
  }
}
