package dev.sluice.cuda;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a kernel takes, as its PTX declares it: launches are held to it, for the driver would read whatever lies there.
 *
 * @param name the kernel's name
 * @param sizes bytes of each parameter
 */
record KernelSignature(String name, int[] sizes) {
  private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+([\\w$]+)\\s*(?:\\(([^)]*)\\))?");
  private static final Pattern PARAMETER = Pattern.compile("\\.[usbf](8|16|32|64)\\b[^,\\[]*(?:\\[(\\d+)\\])?");

  /** The signatures of all kernels of a text of PTX, by name. */
  static Map<String, KernelSignature> all(byte[] ptx) {
    Map<String, KernelSignature> all = new HashMap<>();
    Matcher entry = ENTRY.matcher(new String(ptx, StandardCharsets.US_ASCII));
    while (entry.find()) {
      String parameters = entry.group(2) == null ? "" : entry.group(2);
      int[] sizes = PARAMETER.matcher(parameters).results()
          .mapToInt(match -> Integer.parseInt(match.group(1)) / Byte.SIZE
              * (match.group(2) == null ? 1 : Integer.parseInt(match.group(2))))
          .toArray();
      all.put(entry.group(1), new KernelSignature(entry.group(1), sizes));
    }
    return all;
  }
}
