/**
 * Those that Sluice is compared with: libtorch twice, as bytedeco builds it (with OpenBLAS) and as PyTorch's authors
 * build it (with MKL), which is what DJL loads. Both do the works of {@link dev.sluice.bench.work} the way a user of
 * PyTorch who knows it well would write them; where there are several such ways, {@link
 * dev.sluice.bench.peers.Fastest} tries them and keeps the one that is fastest on this machine.
 *
 * <p>A process can load one libtorch only. The Maven profile {@code peers} fetches both and compiles this package.
 */
@NullMarked
package dev.sluice.bench.peers;

import org.jspecify.annotations.NullMarked;
