package dev.sluice.cuda.driver;

/**
 * What a device says of itself.
 *
 * @param ordinal its number on this host, from 0
 * @param name its name
 * @param major the compute capability's first number
 * @param minor the compute capability's second number
 * @param multiprocessors how many multiprocessors it has
 * @param sharedPerBlock bytes of shared memory that a block may have without asking
 * @param sharedPerMultiprocessor bytes of shared memory of a multiprocessor
 * @param totalBytes bytes of its memory
 */
public record DeviceFacts(int ordinal, String name, int major, int minor, int multiprocessors, int sharedPerBlock,
    int sharedPerMultiprocessor, long totalBytes) {
  /** For people: number, name, architecture. */
  public String describe() {
    return "device " + ordinal + " (" + name + ", sm_" + major + minor + ")";
  }
}
