package dev.sluice.bench.train;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code --clip}. */
final class ClipConverter implements ITypeConverter<ClipOption> {
  @Override
  public ClipOption convert(String text) {
    try {
      return ClipOption.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
