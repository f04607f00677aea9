package dev.sluice.backend.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.sluice.backend.referencefloat.FloatReferenceBackend;
import dev.sluice.spi.AdamSpec;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BatchNormSpec;
import dev.sluice.spi.BatchStatisticsSpec;
import dev.sluice.spi.BinaryOp;
import dev.sluice.spi.BinarySpec;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.CrossEntropySpec;
import dev.sluice.spi.CrossEntropySpec.Reduction;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.IndRnnSpec;
import dev.sluice.spi.LayerNormSpec;
import dev.sluice.spi.NormSpec;
import dev.sluice.spi.RecurrentCell;
import dev.sluice.spi.ReductionOp;
import dev.sluice.spi.ReductionSpec;
import dev.sluice.spi.SoftmaxSpec;
import dev.sluice.spi.UnaryOp;
import dev.sluice.spi.UnarySpec;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The float twin computes what the reference computes, to float's precision, and does compute in float. */
class FloatTwinTest {
  private static final int SIZE = 24;

  @Test
  void gemm() {
    agree(kit -> {
      Buffer c = kit.empty(16);
      Buffer a = kit.reals(Kit.normal(1, SIZE));
      kit.backend().gemm().multiply(GemmSpec.of(4, 4, 6, false, true), a, kit.reals(Kit.normal(2, SIZE)), null, c);
      return kit.values(c);
    });
  }

  @ParameterizedTest
  @EnumSource(UnaryOp.class)
  void unary(UnaryOp op) {
    double[] x = Kit.normal(1, SIZE);
    Arrays.setAll(x, i -> op == UnaryOp.POWER || op == UnaryOp.SQRT || op == UnaryOp.LOG ? 0.5 + Math.abs(x[i]) : x[i]);
    Arrays.setAll(x, i -> op == UnaryOp.RECIPROCAL ? Math.copySign(0.5 + Math.abs(x[i]), x[i]) : x[i]);
    agree(kit -> {
      UnarySpec spec = new UnarySpec(op, SIZE, 0.3, 0.7);
      Buffer argument = kit.reals(x);
      Buffer y = kit.empty(SIZE);
      Buffer gradX = kit.empty(SIZE);
      kit.backend().elementwise().unary(spec, argument, y);
      kit.backend().elementwise().unaryBackward(spec, argument, y, kit.reals(Kit.normal(3, SIZE)), gradX);
      double[] both = Arrays.copyOf(kit.values(y), 2 * SIZE);
      System.arraycopy(kit.values(gradX), 0, both, SIZE, SIZE);
      return both;
    });
  }

  @ParameterizedTest
  @EnumSource(names = {"ADD", "SUBTRACT", "MULTIPLY", "MAXIMUM", "MINIMUM"})
  void binary(BinaryOp op) {
    agree(kit -> {
      Buffer y = kit.empty(SIZE);
      Buffer left = kit.reals(Kit.normal(1, SIZE));
      kit.backend().elementwise().binary(BinarySpec.of(op, SIZE), left, kit.reals(Kit.normal(2, SIZE)), y);
      return kit.values(y);
    });
  }

  @Test
  void rows() {
    agree(kit -> {
      Buffer x = kit.reals(Kit.normal(1, SIZE));
      Buffer y = kit.empty(SIZE);
      Buffer logY = kit.empty(SIZE);
      Buffer normal = kit.empty(SIZE);
      Buffer loss = kit.empty(1);
      Buffer mean = kit.empty(4);
      kit.backend().softmax().softmax(new SoftmaxSpec(4, 6, false), x, null, null, y);
      kit.backend().softmax().softmax(new SoftmaxSpec(4, 6, true), x, null, null, logY);
      kit.backend().normalization().layerNorm(new LayerNormSpec(4, 6, 1e-5), x, null, null, normal, null);
      kit.backend().loss().crossEntropy(new CrossEntropySpec(4, 6, Reduction.MEAN, -100, 0.1), x,
          kit.integers(0, 5, -100, 3), loss, null);
      kit.backend().reduction().reduce(new ReductionSpec(ReductionOp.MEAN, 4, 6, 1), x, mean);
      double[] all = new double[3 * SIZE + 5];
      int at = 0;
      for (Buffer part : List.of(y, logY, normal, loss, mean)) {
        System.arraycopy(kit.values(part), 0, all, at, part.length());
        at += part.length();
      }
      return all;
    });
  }

  @Test
  void attention() {
    AttentionCase sample = AttentionCase.random();
    agree(kit -> sample.forward(kit.backend()));
    double[] gradient = Kit.normal(9, AttentionCase.OUTPUTS + AttentionCase.SPEC.weights());
    for (int i = 0; i < 4; i++) {
      int argument = i;
      agree(kit -> sample.backward(kit.backend(), gradient)[argument]);
    }
  }

  @ParameterizedTest
  @EnumSource(RecurrentCell.class)
  void recurrences(RecurrentCell cell) {
    RecurrentCase sample = RecurrentCase.random(cell, cell == RecurrentCell.LSTM ? 2 : 0, true, true);
    agree(kit -> sample.forward(kit.backend()));
    double[] gradient = Kit.normal(99, sample.forward(new ReferenceBackend()).length);
    for (int i = 0; i < RecurrentCase.NAMES.size(); i++) {
      int argument = i;
      if (sample.arguments().get(i).length > 0) {
        agree(kit -> sample.backward(kit.backend(), gradient).get(argument));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(IndRnnSpec.Activation.class)
  void indRnn(IndRnnSpec.Activation activation) {
    IndRnnCase sample = IndRnnCase.random(activation, 2, true);
    agree(kit -> sample.forward(kit.backend()));
    double[] gradient = Kit.normal(99, sample.forward(new ReferenceBackend()).length);
    for (int i = 0; i < IndRnnCase.NAMES.size(); i++) {
      int argument = i;
      agree(kit -> sample.backward(kit.backend(), gradient).get(argument));
    }
  }

  @Test
  void batchNorm() {
    agree(kit -> {
      Buffer x = kit.reals(Kit.normal(1, SIZE));
      Buffer mean = kit.empty(4);
      Buffer variance = kit.empty(4);
      Buffer running = kit.reals(1, 2, 3, 4);
      Buffer gradX = kit.empty(SIZE);
      kit.backend().normalization().batchStatistics(new BatchStatisticsSpec(6, 4, 1, 0.1), x, null, mean, variance,
          kit.reals(1, 1, 1, 1), running);
      kit.backend().normalization().batchNormBackward(new BatchNormSpec(6, 4, 1, 1e-5, true), x, null, mean, variance,
          null, kit.reals(Kit.normal(2, SIZE)), gradX, null, null);
      double[] both = Arrays.copyOf(kit.values(gradX), SIZE + 4);
      System.arraycopy(kit.values(running), 0, both, SIZE, 4);
      return both;
    });
  }

  @Test
  void adam() {
    agree(kit -> {
      Buffer parameter = kit.reals(Kit.normal(1, SIZE));
      Buffer mean = kit.reals(Kit.normal(2, SIZE));
      Buffer variance = kit.reals(new double[SIZE]);
      kit.backend().optimizer().adam(new AdamSpec(0.01, 0.9, 0.999, 1e-8, 0.1, true, false, false, 3),
          List.of(parameter), List.of(kit.reals(Kit.normal(3, SIZE))), List.of(mean), List.of(variance), null);
      return kit.values(parameter);
    });
  }

  @Test
  void normsAreAccumulatedInDouble() {
    // The squares overflow float, and the ones would be lost beside the first in float.
    assertEquals(1e30f, norm(1e30), 0);
    double[] values = new double[100_001];
    Arrays.fill(values, 1);
    values[0] = 10_000;
    assertEquals((float) Math.sqrt(100_100_000), norm(values), 0);
  }

  private static double norm(double... values) {
    Kit kit = new Kit(new FloatReferenceBackend());
    Buffer norm = kit.empty(1);
    kit.backend().clipping().norm(new NormSpec(2), List.of(kit.reals(values)), norm);
    return kit.values(norm)[0];
  }

  @Test
  void itDoesComputeInFloat() {
    Backend twin = new FloatReferenceBackend();
    double[] attention = AttentionCase.random().forward(twin);
    assertNotEquals(0, Arrays.stream(attention).sum());
    double difference = 0;
    double[] expected = AttentionCase.random().forward(new ReferenceBackend());
    for (int i = 0; i < expected.length; i++) {
      assertEquals((float) attention[i], attention[i], 0);
      difference = Math.max(difference, Math.abs(expected[i] - attention[i]));
    }
    assertNotEquals(0, difference);
  }

  /** Both give the same to 1e-5 of the largest result. */
  private static void agree(Function<Kit, double[]> computation) {
    double[] expected = computation.apply(new Kit(new ReferenceBackend()));
    double[] found = computation.apply(new Kit(new FloatReferenceBackend()));
    double largest = Arrays.stream(expected).map(Math::abs).filter(Double::isFinite).max().orElse(0);
    assertEquals(expected.length, found.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], 1e-5 * Math.max(1, largest), "element " + i);
    }
  }
}
