package dev.sluice.backend.vector;

import static dev.sluice.backend.vector.VectorBuffer.flags;
import static dev.sluice.backend.vector.VectorBuffer.ints;
import static dev.sluice.backend.vector.VectorBuffer.reals;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.FillSpec;
import dev.sluice.spi.MemoryKernels;
import java.util.Arrays;

/** Filling and strided copies of every element type. */
final class VectorMemory implements MemoryKernels {
  private final Workers workers;

  VectorMemory(Workers workers, Scratch scratch) {
    this.workers = workers;
  }

  @Override
  public void fill(FillSpec spec, Buffer target) {
    int length = spec.length();
    switch (spec.type()) {
      case REAL -> Arrays.fill(reals(target), 0, length, (float) spec.value());
      case INT32 -> Arrays.fill(ints(target), 0, length, (int) spec.value());
      case BOOL -> Arrays.fill(flags(target), 0, length, spec.value() == 1);
    }
  }

  @Override
  public void copy(CopySpec spec, Buffer source, Buffer target) {
    Object from = VectorBuffer.array(source, spec.type());
    Object to = VectorBuffer.array(target, spec.type());
    StridedWalk walk = new StridedWalk(spec);
    PlaneCopy copy = new PlaneCopy(spec, from, to);
    if (walk.isRun()) {
      int length = walk.columns();
      workers.run(Chunks.count(length, Chunks.LIGHT), chunk -> {
        int start = chunk * Chunks.LIGHT;
        copy.run(spec.sourceOffset() + start, spec.targetOffset() + start,
            Chunks.end(start, Chunks.LIGHT, length) - start);
      });
      return;
    }
    int rows = Chunks.rows(walk.columns(), Chunks.LIGHT);
    int bands = Chunks.count(walk.rows(), rows);
    int perChunk = Chunks.rows(walk.columns() * Math.min(rows, walk.rows()), Chunks.LIGHT);
    int units = walk.planes() * bands;
    workers.run(Chunks.count(units, perChunk), chunk -> {
      int first = chunk * perChunk;
      for (int unit = first; unit < Chunks.end(first, perChunk, units); unit++) {
        int firstRow = unit % bands * rows;
        copy.plane(walk, unit / bands, firstRow, Chunks.end(firstRow, rows, walk.rows()));
      }
    });
  }
}
