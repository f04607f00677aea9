package dev.sluice.data;

import java.io.IOException;

/**
 * Data that is missing, incomplete or corrupt. The message is one line that names the file, what was found and what was
 * wanted, and is fit to be shown to the person who asked for the data.
 */
public final class DataException extends IOException {
  private static final long serialVersionUID = 1L;

  public DataException(String message) {
    super(message);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
