package dev.sluice.cuda.driver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jcuda.JCudaVersion;
import jcuda.LibUtils;

/**
 * Loads JCuda's native libraries. JCuda would unpack them into the folder {@code java.io.tmpdir} under a name that
 * anybody can guess, and while another process does the same it may map half a file; it takes a file that is there as
 * it is. So the library is laid into a private folder first, and that is {@code java.io.tmpdir} while JCuda's class is
 * initialised.
 */
final class JCudaNatives {
  private static final String TEMPORARY = "java.io.tmpdir";

  private JCudaNatives() {}

  /** Loads the library that {@code jcuda.driver.JCudaDriver} needs. */
  static void loadDriver() {
    load("JCudaDriver", "jcuda.driver.JCudaDriver");
  }

  /** Loads the library that {@code jcuda.jcublas.JCublas2} needs, which wants cuBLAS 12. */
  static void loadBlas() {
    load("JCublas2", "jcuda.jcublas.JCublas2");
  }

  private static synchronized void load(String library, String type) {
    String file =
        LibUtils.createLibraryFileName(LibUtils.createPlatformLibraryName(library + "-" + JCudaVersion.get()));
    String temporary = System.getProperty(TEMPORARY);
    try {
      NativeFolder folder = NativeFolder.open();
      Path unpacked = folder.unpack(file);
      System.setProperty(TEMPORARY, folder.path().toString());
      Class.forName(type, true, JCudaNatives.class.getClassLoader());
      if (folder.isTemporary()) {
        // It stays mapped.
        Files.delete(unpacked);
        Files.deleteIfExists(folder.path());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("cuda: " + type + " is missing on the class path", e);
    } finally {
      System.setProperty(TEMPORARY, temporary);
    }
  }
}
