package dev.sluice.bench.train;

/**
 * What is trained on a pronouncing dictionary and how.
 *
 * @param options as the command line gave them
 * @param vocabulary as the dictionary gave it
 */
record G2pConfiguration(G2pOptions options, G2pVocabulary vocabulary) implements Configuration {
  /** The task's name: grapheme to phoneme. */
  static final String TASK = "g2p";

  @Override
  public String task() {
    return TASK;
  }
}
