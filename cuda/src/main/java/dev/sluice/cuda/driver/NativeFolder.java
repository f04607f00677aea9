package dev.sluice.cuda.driver;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * A folder for JCuda's native libraries that only this user can write: {@code sluice} in the user's cache, or else a
 * temporary one of this process. A library lies there under its own name, was moved there in one step, and is compared
 * with the one in the jar before each use.
 */
final class NativeFolder {
  private static final System.Logger LOG = System.getLogger("dev.sluice.cuda");
  private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
  private static final Path OWN_PROCESS = Path.of("/proc/self");

  private final Path path;
  private final boolean temporary;

  private NativeFolder(Path path, boolean temporary) {
    this.path = path;
    this.temporary = temporary;
  }

  /** The folder, made if need be; a warning says why it is a temporary one. */
  static NativeFolder open() throws IOException {
    Path cache = cache();
    try {
      Files.createDirectories(cache, PosixFilePermissions.asFileAttribute(PRIVATE));
      requirePrivate(cache);
      return new NativeFolder(cache, false);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "cuda: JCuda's libraries cannot be kept in " + cache
          + " and are unpacked anew by each process; XDG_CACHE_HOME may name another cache", e);
      return temporary();
    }
  }

  Path path() {
    return path;
  }

  /** Whether the folder is of no use to anybody but this process. */
  boolean isTemporary() {
    return temporary;
  }

  /** Where a library lies after it was unpacked from the resource {@code /lib/NAME}, if it did not lie there. */
  Path unpack(String name) throws IOException {
    byte[] wanted = resource(name);
    Path target = path.resolve(name);
    if (Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS) && Files.size(target) == wanted.length
        && Arrays.equals(Files.readAllBytes(target), wanted)) {
      return target;
    }
    Path unfinished = Files.createTempFile(path, name, ".part");
    try {
      Files.write(unfinished, wanted);
      try {
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        throw new IOException("cuda: " + path + " cannot rename in one step", e);
      }
    } finally {
      Files.deleteIfExists(unfinished);
    }
    return target;
  }

  private static byte[] resource(String name) throws IOException {
    ClassLoader loader = NativeFolder.class.getClassLoader();
    try (InputStream stream = loader.getResourceAsStream("lib/" + name)) {
      if (stream == null) {
        throw new IOException("cuda: JCuda's native library " + name + " is missing on the class path, wanted the jars"
            + " jcuda-natives and jcublas-natives for linux-x86_64");
      }
      return stream.readAllBytes();
    }
  }

  private static Path cache() {
    String named = System.getenv("XDG_CACHE_HOME");
    Path base = named != null && named.startsWith("/") ? Path.of(named)
        : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("sluice").resolve("natives");
  }

  /** Refuses a folder that this user cannot write, does not own, or shares with others who may write. */
  private static void requirePrivate(Path folder) throws IOException {
    PosixFileAttributes attributes =
        Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    Set<PosixFilePermission> others =
        EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    others.retainAll(attributes.permissions());
    if (!attributes.isDirectory() || !others.isEmpty() || !attributes.owner().equals(Files.getOwner(OWN_PROCESS))
        || !Files.isWritable(folder)) {
      throw new AccessDeniedException(folder.toString(), null, "wanted a folder that this user alone can write, it is "
          + attributes.owner() + "'s with " + PosixFilePermissions.toString(attributes.permissions()));
    }
  }

  private static NativeFolder temporary() throws IOException {
    return new NativeFolder(Files.createTempDirectory("sluice", PosixFilePermissions.asFileAttribute(PRIVATE)), true);
  }
}
