package dev.sluice.bench.train;

import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads one of an enum's words, which are what its constants' {@code toString} says. */
abstract class WordConverter<E extends Enum<E>> implements ITypeConverter<E> {
  private final E[] constants;

  private WordConverter(Class<E> type) {
    constants = type.getEnumConstants();
  }

  @Override
  public E convert(String text) {
    for (E constant : constants) {
      if (constant.toString().equals(text)) {
        return constant;
      }
    }
    String words = Arrays.stream(constants).map(E::toString).collect(Collectors.joining(", "));
    throw new TypeConversionException("'" + text + "' is unknown, wanted one of " + words);
  }

  /** Reads {@code --network}. */
  static final class Network extends WordConverter<NetworkKind> {
    Network() {
      super(NetworkKind.class);
    }
  }

  /** Reads {@code --cell}. */
  static final class Cell extends WordConverter<CellKind> {
    Cell() {
      super(CellKind.class);
    }
  }

  /** Reads {@code --attention} of stories. */
  static final class StoryAttention extends WordConverter<StoryAttentionKind> {
    StoryAttention() {
      super(StoryAttentionKind.class);
    }
  }

  /** Reads {@code --batch-norm}. */
  static final class BatchNorm extends WordConverter<BatchNormKind> {
    BatchNorm() {
      super(BatchNormKind.class);
    }
  }

  /** Reads {@code --model}. */
  static final class Model extends WordConverter<ModelKind> {
    Model() {
      super(ModelKind.class);
    }
  }

  /** Reads {@code --score}. */
  static final class Score extends WordConverter<ScoreKind> {
    Score() {
      super(ScoreKind.class);
    }
  }
}
