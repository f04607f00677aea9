/**
 * Short stories with questions about them, drawn by a seed in the style of the bAbI tasks (Weston et al.: Towards
 * AI-complete question answering, arXiv 1502.05698): people go about and carry things, and what is asked for follows
 * from one sentence or two.
 */
@NullMarked
package dev.sluice.bench.story;

import org.jspecify.annotations.NullMarked;
