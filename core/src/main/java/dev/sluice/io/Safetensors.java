package dev.sluice.io;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Map;

/**
 * An open file in the safetensors format (huggingface.co/docs/safetensors): named tensors and a map of texts. The file
 * is mapped into memory, whatever its size: opening reads and checks the header alone, and the tensors are views whose
 * bytes are read when they are asked for, from any thread, until this is closed.
 *
 * <p>A file must not be cut short while it is open. {@link #write} never does that: it puts another file in its place.
 *
 * <pre>{@code
 * try (var file = Safetensors.open(Path.of("model.safetensors"))) {
 *   float[] weight = file.tensor("encoder.weight_ih_l0").toFloats();
 * }
 * }</pre>
 */
public final class Safetensors implements Closeable {
  private final Path file;
  private final Arena arena;
  private final Header header;

  private Safetensors(Path file, Arena arena, Header header) {
    this.file = file;
    this.arena = arena;
    this.header = header;
  }

  /**
   * Opens a file and checks all that its header says.
   *
   * @throws SafetensorsException if it is not well-formed: the header's length goes beyond the file or 100 MB; the
   *     header is not strict JSON of the format's fields in UTF-8, or names something twice; an element type is
   *     unknown; a tensor's range is not that of its type and shape, or goes beyond the file; or the ranges overlap, or
   *     leave bytes out
   * @throws IOException if it cannot be read
   */
  public static Safetensors open(Path file) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MemorySegment content = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new Safetensors(file, arena, Header.parse(file.toString(), content));
    } catch (IOException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** The tensors by name, in the order of the header. */
  public Map<String, StoredTensor> tensors() {
    return header.tensors();
  }

  /**
   * The tensor of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public StoredTensor tensor(String name) {
    StoredTensor tensor = header.tensors().get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("safetensors: " + file + " has no tensor " + Text.quote(name)
          + ", wanted one of its " + header.tensors().size());
    }
    return tensor;
  }

  /** The texts that the file carries beside its tensors; empty if it has none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** Ends the mapping: the tensors' bytes can no longer be read. Closing again does nothing. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  /**
   * Writes a file. The same tensors and metadata make the same bytes, in whatever order they are given: the header is
   * sorted by name (by code points, {@code __metadata__} first) and padded with spaces to a multiple of 8 bytes, and
   * the data by the size of the elements, largest first, then by name, so that every tensor is aligned.
   *
   * <p>The bytes go to a temporary file in the same folder, to the disk, and then into place by an atomic rename: after
   * a failure the file is as it was.
   *
   * @param tensors of different names, none {@code __metadata__}
   * @param metadata texts to carry along; other tools want {@code format} to be {@code pt} for weights with PyTorch's
   *     names
   * @throws IllegalArgumentException if two tensors have one name, a text is not Unicode, or the header would be longer
   *     than 100 MB
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Collection<StoredTensor> tensors, Map<String, String> metadata)
      throws IOException {
    SafetensorsWriter.of(tensors, metadata).write(file);
  }
}
