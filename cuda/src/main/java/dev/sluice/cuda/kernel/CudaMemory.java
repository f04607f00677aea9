package dev.sluice.cuda.kernel;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.cuda.Launch;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.FillSpec;
import dev.sluice.spi.MemoryKernels;

/** Filling and strided copies of every element type. */
public final class CudaMemory implements MemoryKernels {
  private static final int THREADS = 256;
  private static final int PIECE_BYTES = 16;
  private static final int TILE = 32;
  private static final int TILE_ROWS = 8;
  private static final int LEAST_TILE = 8;

  private final Device device;
  private final Kernel fillWords;
  private final Kernel fillBytes;
  private final Kernel copyWords;
  private final Kernel copyBytes;
  private final Kernel copyScaled;
  private final Kernel transposeWords;
  private final Kernel transposeScaled;

  /** The kernels of a device. */
  public CudaMemory(Device device) {
    this.device = device;
    fillWords = device.kernel("fill_words");
    fillBytes = device.kernel("fill_bytes");
    copyWords = device.kernel("copy_words");
    copyBytes = device.kernel("copy_bytes");
    copyScaled = device.kernel("copy_scaled");
    transposeWords = device.kernel("transpose_words");
    transposeScaled = device.kernel("transpose_scaled");
  }

  @Override
  public void fill(FillSpec spec, Buffer target) {
    CudaBuffer to = written(target, spec.type());
    switch (spec.type()) {
      case REAL -> fill(fillWords, to, Float.floatToRawIntBits((float) spec.value()), spec.length(), Float.BYTES);
      case INT32 -> fill(fillWords, to, (int) spec.value(), spec.length(), Integer.BYTES);
      case BOOL -> fill(fillBytes, to, spec.value() == 1 ? 1 : 0, spec.length(), 1);
    }
  }

  /** Fills the first elements of a REAL buffer with 0. */
  void zero(CudaBuffer target, int length) {
    fill(fillWords, target, 0, length, Float.BYTES);
  }

  private void fill(Kernel kernel, CudaBuffer target, int value, int length, int bytes) {
    int piece = PIECE_BYTES / bytes;
    kernel.start().buffer(target).integer(value).integer(length / piece).integer(length)
        .run(blocks(length / piece, length, piece), THREADS);
  }

  private int blocks(int pieces, int length, int piece) {
    return device.blocks(Math.max(pieces, length - pieces * piece), THREADS);
  }

  private static CudaBuffer written(Buffer target, ElementType type) {
    return type == ElementType.INT32 ? CudaBuffer.ints(target) : CudaBuffer.of(target, type);
  }

  @Override
  public void copy(CopySpec spec, Buffer source, Buffer target) {
    CudaBuffer from = CudaBuffer.of(source, spec.type());
    CudaBuffer to = written(target, spec.type());
    int length = 1;
    for (int size : spec.shape()) {
      length *= size;
    }
    if (length == 0) {
      return;
    }
    Walk walk = walk(spec);
    int rows = spec.type() == ElementType.BOOL ? 0 : rowsOfTransposition(walk);
    if (rows != 0) {
      walk.swap(1, rows);
      transpose(spec, walk, from, to, length);
    } else {
      copy(spec, walk, from, to, length);
    }
  }

  /** Both walks, the target's shortest steps innermost. */
  private static Walk walk(CopySpec spec) {
    int[] shape = spec.shape();
    int[] order = new int[shape.length];
    for (int d = 0; d < shape.length; d++) {
      int dimension = shape.length - 1 - d;
      int at = d;
      for (; at > 0 && spec.targetStrides()[order[at - 1]] > spec.targetStrides()[dimension]; at--) {
        order[at] = order[at - 1];
      }
      order[at] = dimension;
    }
    Walk walk = Walk.of(2);
    for (int dimension : order) {
      walk.add(shape[dimension], spec.sourceStrides()[dimension], spec.targetStrides()[dimension]);
    }
    return walk;
  }

  /** The dimension that lies side by side in the source alone, where both are long enough for tiles; else 0. */
  private static int rowsOfTransposition(Walk walk) {
    if (walk.rank() < 2 || walk.stride(1, 0) != 1 || walk.size(0) < LEAST_TILE) {
      return 0;
    }
    for (int d = 0; d < walk.rank(); d++) {
      if (walk.stride(0, d) == 1) {
        return walk.size(d) < LEAST_TILE ? 0 : d;
      }
    }
    return 0;
  }

  private void transpose(CopySpec spec, Walk walk, CudaBuffer from, CudaBuffer to, int length) {
    int columns = walk.size(0);
    int rows = walk.size(1);
    int tilesOfRow = Math.ceilDiv(columns, TILE);
    int tilesOfColumn = Math.ceilDiv(rows, TILE);
    Launch launch = (isPlain(spec) ? transposeWords : transposeScaled).start().buffer(from, spec.sourceOffset())
        .buffer(to, spec.targetOffset());
    Divisor.pass(Divisor.pass(launch, tilesOfRow), tilesOfColumn);
    walk.pass(scale(spec, launch))
        .run(tilesOfRow * tilesOfColumn * (length / columns / rows), 1, 1, TILE, TILE_ROWS, 0);
  }

  private void copy(CopySpec spec, Walk walk, CudaBuffer from, CudaBuffer to, int length) {
    boolean bytes = spec.type() == ElementType.BOOL;
    int piece = bytes ? PIECE_BYTES : PIECE_BYTES / Float.BYTES;
    boolean whole = walk.rank() > 0 && walk.stride(0, 0) == 1;
    int wide = whole ? walk.widen(piece, spec.sourceOffset() % piece | spec.targetOffset() % piece) : 0;
    Launch launch = (bytes ? copyBytes : isPlain(spec) ? copyWords : copyScaled).start()
        .buffer(from, spec.sourceOffset()).buffer(to, spec.targetOffset()).integer(wide).integer(length);
    walk.pass(scale(spec, launch)).run(blocks(wide, length, piece), THREADS);
  }

  private static boolean isPlain(CopySpec spec) {
    return spec.scale() == 1 && !spec.accumulate();
  }

  private static Launch scale(CopySpec spec, Launch launch) {
    return isPlain(spec) ? launch : launch.real(spec.scale()).flag(spec.accumulate());
  }
}
