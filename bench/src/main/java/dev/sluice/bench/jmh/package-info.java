/**
 * JMH benchmarks of every kernel of the seam, on the vector backend and on the reference: one class per family.
 * {@link dev.sluice.bench.jmh.Kernels} lists all calls and holds their sizes; {@link dev.sluice.bench.jmh.BenchCommand}
 * runs them and prints how many times as fast as the reference each is.
 */
@NullMarked
package dev.sluice.bench.jmh;

import org.jspecify.annotations.NullMarked;
