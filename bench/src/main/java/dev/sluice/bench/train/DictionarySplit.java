package dev.sluice.bench.train;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The words of a dictionary in three parts: 90 % to train with, 5 % to look at during training, 5 % for the test. A
 * hash of seed and word alone decides on a word's part, and on its place there, so that a part's first words are like
 * its others.
 *
 * @param train what is learned from
 * @param validation what shows the course of the training
 * @param test what the figures are of
 */
record DictionarySplit(List<Word> train, List<Word> validation, List<Word> test) {
  private static final double TRAIN = 0.9;
  private static final double VALIDATION = 0.95;

  /** A word and where its hash lies, 0 to 1. */
  private record Placed(Word word, double place) {}

  /** Splits a dictionary. */
  static DictionarySplit of(PronouncingDictionary dictionary, long seed) {
    List<Placed> placed = dictionary.words().stream()
        .map(word -> new Placed(word, place(word.spelling(), seed)))
        .sorted(Comparator.comparingDouble(Placed::place))
        .toList();
    return new DictionarySplit(part(placed, 0, TRAIN), part(placed, TRAIN, VALIDATION), part(placed, VALIDATION, 1));
  }

  private static List<Word> part(List<Placed> placed, double from, double to) {
    return placed.stream().filter(each -> each.place() >= from && each.place() < to).map(Placed::word).toList();
  }

  /** The first 53 bits of the SHA-256 of the seed, big-endian, and the word in UTF-8; in [0, 1). */
  static double place(String spelling, long seed) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).flip());
      digest.update(spelling.getBytes(StandardCharsets.UTF_8));
      return (ByteBuffer.wrap(digest.digest()).getLong() >>> 11) * 0x1p-53;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The first words of training and test, the looks during training at as many as the test has. */
  DictionarySplit first(@Nullable Integer limitTrain, @Nullable Integer limitTest) {
    return new DictionarySplit(first(train, limitTrain), first(validation, limitTest), first(test, limitTest));
  }

  private static List<Word> first(List<Word> words, @Nullable Integer limit) {
    return limit == null ? words : words.subList(0, Math.min(limit, words.size()));
  }
}
