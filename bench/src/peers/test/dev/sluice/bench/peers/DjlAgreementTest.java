package dev.sluice.bench.peers;

import org.junit.jupiter.api.Tag;

/** The agreement of DJL's libtorch. */
@Tag("djl")
final class DjlAgreementTest extends Agreement {
  DjlAgreementTest() {
    super(new DjlPerformer());
  }
}
