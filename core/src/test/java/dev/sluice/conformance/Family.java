package dev.sluice.conformance;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Every kernel family with its cases and two single scripts. */
enum Family {
  MEMORY(MemoryCases::cases, MemoryCases::large, MemoryCases::tiny),
  GEMM(GemmCases::cases, GemmCases::large, GemmCases::tiny),
  ELEMENTWISE(ElementwiseCases::cases, ElementwiseCases::large, ElementwiseCases::tiny),
  REDUCTION(ReductionCases::cases, ReductionCases::large, ReductionCases::tiny),
  SOFTMAX(SoftmaxCases::cases, SoftmaxCases::large, SoftmaxCases::tiny),
  LOSS(LossCases::cases, LossCases::large, LossCases::tiny),
  ATTENTION(AttentionCases::cases, AttentionCases::large, AttentionCases::tiny),
  NORMALIZATION(NormalizationCases::cases, NormalizationCases::large, NormalizationCases::tiny),
  EMBEDDING(EmbeddingCases::cases, EmbeddingCases::large, EmbeddingCases::tiny),
  DROPOUT(DropoutCases::cases, DropoutCases::large, DropoutCases::tiny),
  RECURRENT(RecurrentCases::cases, RecurrentCases::large, RecurrentCases::tiny),
  INDRNN(IndRnnCases::cases, IndRnnCases::large, IndRnnCases::tiny),
  WINDOW(WindowCases::cases, WindowCases::large, WindowCases::tiny),
  CLIPPING(ClippingCases::cases, ClippingCases::large, ClippingCases::tiny),
  OPTIMIZER(OptimizerCases::cases, OptimizerCases::large, OptimizerCases::tiny);

  private final Supplier<List<Case>> cases;
  private final Script large;
  private final Script tiny;

  Family(Supplier<List<Case>> cases, Script large, Script tiny) {
    this.cases = cases;
    this.large = large;
    this.tiny = tiny;
  }

  /** The family's name, as {@link dev.sluice.spi.Backend} has it, in lower case. */
  String id() {
    return name().toLowerCase();
  }

  List<Case> cases() {
    return cases.get();
  }

  /** Sizes that make several chunks of work. */
  Script large() {
    return large;
  }

  /** Sizes that even an interpreter does at once. */
  Script tiny() {
    return tiny;
  }

  static Family of(String id) {
    return Arrays.stream(values()).filter(family -> family.id().equals(id)).findFirst().orElseThrow();
  }
}
