package dev.sluice.bench.peers;

/** The agreement of bytedeco's libtorch. */
final class LibtorchAgreementTest extends Agreement {
  LibtorchAgreementTest() {
    super(new LibtorchPerformer());
  }
}
