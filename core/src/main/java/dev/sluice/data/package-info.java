/**
 * Data on the host: files in, batches out. {@link dev.sluice.data.Idx} reads an IDX file,
 * {@link dev.sluice.data.FashionMnist} finds and verifies the four files of that set, {@link dev.sluice.data.Batches}
 * cuts a set into seeded, shuffled batches, and {@link dev.sluice.data.Prefetcher} prepares the next ones while the
 * current one is being computed on.
 *
 * <p>Nothing here knows a backend or a tensor: a batch is a {@code float[]} and an {@code int[]}.
 */
@NullMarked
package dev.sluice.data;

import org.jspecify.annotations.NullMarked;
