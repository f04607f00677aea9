package dev.sluice.spi;

/** What a backend computes with: an object per kernel family. */
public record Kernels(
    MemoryKernels memory,
    GemmKernels gemm,
    ElementwiseKernels elementwise,
    ReductionKernels reduction,
    SoftmaxKernels softmax,
    LossKernels loss,
    AttentionKernels attention,
    NormalizationKernels normalization,
    EmbeddingKernels embedding,
    DropoutKernels dropout,
    RecurrentKernels recurrent,
    IndRnnKernels indRnn,
    WindowKernels window,
    ClippingKernels clipping,
    OptimizerKernels optimizer) {}
