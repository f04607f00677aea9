/**
 * Transformers (Vaswani et al.: Attention is all you need, arXiv 1706.03762): encoder and decoder layers and stacks of
 * them under PyTorch's names, positions, and decoding step by step.
 */
@NullMarked
package dev.sluice.nn.transformer;

import org.jspecify.annotations.NullMarked;
