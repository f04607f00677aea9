package dev.sluice.io;

import java.io.IOException;
import java.io.Serial;

/**
 * A file is not well-formed safetensors, or holds what was not asked for. The message is one line: the file, then the
 * byte offset or the tensor, what was found there and what was wanted.
 */
public final class SafetensorsException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  /** With this message. */
  SafetensorsException(String message) {
    super(message);
  }
}
