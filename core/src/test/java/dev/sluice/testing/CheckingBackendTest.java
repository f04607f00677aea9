package dev.sluice.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.spi.AdamSpec;
import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BinaryOp;
import dev.sluice.spi.BinarySpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.ClampSpec;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.EmbeddingSpec;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.LayerNormSpec;
import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.RecurrentKernels;
import dev.sluice.spi.RecurrentSpec;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import dev.sluice.spi.SgdSpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class CheckingBackendTest {
  private static final UnarySpec TANH = UnarySpec.of(UnaryOp.TANH, 4);

  private final StubBackend stub = new StubBackend();
  private final CheckingBackend backend = new CheckingBackend(stub.backend());

  @Test
  void aCallInOrderReachesTheBackendWithItsOwnBuffers() {
    stub.behave(arguments -> StubBackend.reals((Buffer) arguments[2])[3] = 5);
    Buffer y = real(4);
    backend.elementwise().unary(TANH, real(4), y);
    double[] result = new double[4];
    backend.read(y, 0, result, 0, 4);
    assertEquals(5, result[3]);
  }

  @Test
  void countsKernelsByNameAndTransfers() {
    Buffer x = real(4);
    Buffer y = real(4);
    backend.write(new double[4], 0, x, 0, 4);
    backend.elementwise().unary(TANH, x, y);
    backend.elementwise().unary(TANH, x, y);
    backend.elementwise().unaryBackward(TANH, x, y, real(4), real(4));
    backend.clipping().clamp(new ClampSpec(0, 1), List.of(x));
    backend.read(y, 0, new double[4], 0, 4);
    assertEquals(4, backend.counts().total());
    assertEquals(3, backend.counts().family("elementwise"));
    assertEquals(2, backend.counts().of("elementwise.unary"));
    assertEquals(0, backend.counts().of("gemm.multiply"));
    assertEquals(Map.of("elementwise.unary", 2L, "elementwise.unaryBackward", 1L, "clipping.clamp", 1L),
        backend.counts().byKernel());
    assertEquals(1, backend.counts().reads());
    assertEquals(1, backend.counts().writes());
    assertEquals(4, backend.counts().allocations());
    y.close();
    y.close();
    assertEquals(1, backend.counts().closes());
    backend.counts().reset();
    assertEquals(0, backend.counts().total() + backend.counts().reads() + backend.counts().writes());
  }

  @Test
  void askingForTheSizeOfAReserveIsNoKernel() {
    assertEquals(StubBackend.RESERVE, backend.normalization().layerNormReserve(new LayerNormSpec(2, 3, 1e-5)));
    assertEquals(0, backend.counts().total());
  }

  @Test
  void refusesABufferTooSmall() {
    refused("elementwise.unary: y has 3 elements, wanted at least 4",
        () -> backend.elementwise().unary(TANH, real(4), real(3)));
  }

  @Test
  void refusesAReserveSmallerThanTheBackendStates() {
    LayerNormSpec spec = new LayerNormSpec(2, 3, 1e-5);
    refused("normalization.layerNorm: reserve has 7 elements, wanted at least 8",
        () -> backend.normalization().layerNorm(spec, real(6), null, null, real(6), real(7)));
    refused("normalization.layerNormBackward: reserve has 7 elements, wanted at least 8",
        () -> backend.normalization().layerNormBackward(spec, real(6), null, real(7), real(6), real(6), null, null));
  }

  @Test
  void refusesAWrongElementType() {
    refused("embedding.embedding: indices holds REAL, wanted INT32",
        () -> backend.embedding().embedding(new EmbeddingSpec(2, 3, 4, -1), real(12), real(2), real(8)));
    refused("reduction.argMax: indices holds REAL, wanted INT32",
        () -> backend.reduction().argMax(new ReductionSpec(ReductionOp.MAX, 2, 3, 1), real(6), real(2)));
  }

  @Test
  void refusesAClosedBuffer() {
    Buffer x = real(4);
    x.close();
    IllegalStateException refusal =
        assertThrows(IllegalStateException.class, () -> backend.elementwise().unary(TANH, x, real(4)));
    assertEquals("elementwise.unary: x is closed, wanted an open buffer", refusal.getMessage());
    assertEquals(List.of(), stub.calls());
  }

  @Test
  void refusesAForeignBuffer() {
    Buffer bare = stub.backend().allocate(ElementType.REAL, 4);
    Buffer others = new CheckingBackend(stub.backend()).allocate(ElementType.REAL, 4);
    refused("elementwise.unary: x belongs to another backend, wanted a buffer of this one",
        () -> backend.elementwise().unary(TANH, bare, real(4)));
    refused("elementwise.unary: y belongs to another backend, wanted a buffer of this one",
        () -> backend.elementwise().unary(TANH, real(4), others));
  }

  @Test
  void refusesNullWhereABufferMustBe() {
    refused("gemm.multiply: bias is null, wanted a buffer",
        () -> backend.gemm().multiply(GemmSpec.of(2, 3, 4, false, false).withBias(), real(8), real(12), null, real(6)));
    refused("optimizer.sgd: velocities is null, wanted a list",
        () -> backend.optimizer().sgd(new SgdSpec(1, 0.9, 0, 0, false, false, true), List.of(), List.of(), null));
  }

  @Test
  void takesNullWhereItIsAllowed() {
    backend.gemm().multiply(GemmSpec.of(2, 3, 4, false, false), real(8), real(12), null, real(6));
    backend.optimizer().sgd(new SgdSpec(1, 0, 0, 0, false, false, true), List.of(), List.of(), null);
    assertEquals(List.of("multiply", "sgd"), stub.calls());
  }

  @Test
  void refusesAWrittenArgumentThatIsAlsoRead() {
    Buffer x = real(4);
    refused("elementwise.unary: y is the same buffer as x, wanted buffers of their own where one is written",
        () -> backend.elementwise().unary(TANH, x, x));
    Buffer left = real(4);
    refused("elementwise.binaryBackward: gradRight is the same buffer as left, "
            + "wanted buffers of their own where one is written",
        () -> backend.elementwise().binaryBackward(BinarySpec.of(BinaryOp.ADD, 4), left, real(4), real(4), null,
            left));
  }

  @Test
  void refusesTwoWrittenArgumentsInOneBuffer() {
    Buffer gradient = real(4);
    refused("elementwise.binaryBackward: gradRight is the same buffer as gradLeft, "
            + "wanted buffers of their own where one is written",
        () -> backend.elementwise().binaryBackward(BinarySpec.of(BinaryOp.ADD, 4), real(4), real(4), real(4), gradient,
            gradient));
  }

  @Test
  void takesOneBufferForTwoReadArguments() {
    Buffer x = real(4);
    backend.elementwise().binary(BinarySpec.of(BinaryOp.MULTIPLY, 4), x, x, real(4));
    assertEquals(List.of("binary"), stub.calls());
  }

  @Test
  void refusesListsThatDoNotMatch() {
    AdamSpec spec = new AdamSpec(1, 0.9, 0.99, 1e-8, 0, false, false, false, 1);
    refused("optimizer.adam: gradients has 1 buffers, wanted 2 as parameters",
        () -> backend.optimizer().adam(spec, reals(4, 5), reals(4), reals(4, 5), reals(4, 5), null));
    refused("optimizer.adam: variances[1] has 6 elements, wanted 5 as parameters[1]",
        () -> backend.optimizer().adam(spec, reals(4, 5), reals(4, 5), reals(4, 5), reals(4, 6), null));
    Buffer state = real(4);
    refused("optimizer.adam: variances is the same buffer as means, wanted buffers of their own where one is written",
        () -> backend.optimizer().adam(spec, reals(4), reals(4), List.of(state), List.of(state), null));
  }

  @Test
  void takesABufferTwiceInTheOnlyList() {
    Buffer gradient = real(4);
    backend.clipping().clamp(new ClampSpec(0, 1), List.of(gradient, gradient));
    assertEquals(List.of("clamp"), stub.calls());
  }

  @Test
  void unfoldsRecordsOfBuffers() {
    RecurrentSpec spec = new RecurrentSpec(RecurrentCell.LSTM, 3, 2, 4, 5, 0, true, false, false, 1, 0, false, 0,
        false);
    var inputs = new RecurrentKernels.Inputs(real(24), null, null, null);
    var outputs = new RecurrentKernels.Outputs(real(30), real(10), real(10));
    refused("recurrent.recurrence: hiddenBias has 19 elements, wanted at least 20",
        () -> backend.recurrent().recurrence(spec, inputs,
            new RecurrentKernels.Weights(real(80), real(100), real(20), real(19), null), outputs, null));
    backend.recurrent().recurrence(spec, inputs,
        new RecurrentKernels.Weights(real(80), real(100), real(20), real(20), null), outputs, null);
    assertEquals(List.of("recurrence"), stub.calls());
  }

  @Test
  void unfoldsTheGradientsOfAttention() {
    Layout layout = Layout.headsFirst(1, 2, 3);
    AttentionSpec spec = new AttentionSpec(1, 1, 1, 2, 2, 3, 3, layout, layout, layout, layout, 1, Causal.NONE, null,
        null, false, Dropout.NONE);
    var inputs = new AttentionKernels.Inputs(real(6), real(6), real(6), null, null, null);
    refused("attention.attentionBackward: gradBias has 3 elements, wanted at least 4",
        () -> backend.attention().attentionBackward(spec, inputs, real(6), real(8), real(6), null,
            new AttentionKernels.Gradients(real(6), real(6), real(6), real(3))));
  }

  @Test
  void refusesTransfersOutOfBoundsClosedOrOfAnotherType() {
    Buffer x = real(4);
    refused("write: buffer of 4 elements given offset 2 and length 3, wanted elements that it has",
        () -> backend.write(new double[3], 0, x, 2, 3));
    refused("read: buffer holds REAL, wanted INT32", () -> backend.read(x, 0, new int[4], 0, 4));
    x.close();
    assertThrows(IllegalStateException.class, () -> backend.read(x, 0, new double[4], 0, 4));
  }

  @Test
  void poisonsFreshBuffers() {
    Backend poisoning = new CheckingBackend(stub.backend(), CheckingBackend.Check.POISON);
    double[] fresh = new double[2];
    poisoning.read(poisoning.allocate(ElementType.REAL, 2), 0, fresh, 0, 2);
    assertTrue(Double.isNaN(fresh[0]) && Double.isNaN(fresh[1]));
  }

  @Test
  void noticesAReadArgumentThatChanged() {
    Backend watching = new CheckingBackend(stub.backend(), CheckingBackend.Check.UNCHANGED);
    stub.behave(arguments -> StubBackend.reals((Buffer) arguments[1])[2] = 1);
    AssertionError failure = assertThrows(AssertionError.class, () -> watching.elementwise().unary(TANH,
        watching.allocate(ElementType.REAL, 4), watching.allocate(ElementType.REAL, 4)));
    assertEquals("elementwise.unary: changed x[2], wanted it left alone", failure.getMessage());
  }

  @Test
  void noticesAWriteBeyondTheLength() {
    Backend watching = new CheckingBackend(stub.backend(), CheckingBackend.Check.UNCHANGED);
    stub.behave(arguments -> StubBackend.reals((Buffer) arguments[2])[5] = 1);
    AssertionError failure = assertThrows(AssertionError.class, () -> watching.elementwise().unary(TANH,
        watching.allocate(ElementType.REAL, 4), watching.allocate(ElementType.REAL, 6)));
    assertEquals("elementwise.unary: changed y[5], wanted it left alone", failure.getMessage());
  }

  private void refused(String message, Executable call) {
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, call);
    assertEquals(message, refusal.getMessage());
    assertEquals(List.of(), stub.calls(), "the decorated backend saw the call");
  }

  private Buffer real(int length) {
    return backend.allocate(ElementType.REAL, length);
  }

  private List<Buffer> reals(int... lengths) {
    return Arrays.stream(lengths).mapToObj(this::real).toList();
  }
}
