package dev.sluice.bench.train;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code --attention}. */
final class AttentionConverter implements ITypeConverter<AttentionOption> {
  @Override
  public AttentionOption convert(String text) {
    try {
      return AttentionOption.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
