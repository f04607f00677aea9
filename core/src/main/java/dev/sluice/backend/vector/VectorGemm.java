package dev.sluice.backend.vector;

import dev.sluice.backend.vector.GemmTiles.Epilogue;
import dev.sluice.backend.vector.GemmTiles.Left;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.GemmKernels;
import dev.sluice.spi.GemmSpec;
import dev.sluice.spi.GemmSpec.Matrix;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products {@code C = alpha * op(A) op(B) + beta * C + bias} by packed panels and register tiles.
 *
 * <p>B is packed ({@link PackedMatrix}), at most {@link #SLAB} floats at a time; C is cut into blocks of rows and
 * columns, and blocks are grouped into chunks of work that are worth a hand-off. Every element of C is summed in the
 * order that {@link GemmTiles} states.
 */
final class VectorGemm implements GemmKernels {
  /** Multiply-adds that are worth handing to another thread: about 50 us of one core. */
  static final long CHUNK = 1 << 21;

  /** Columns of a block of C: enough for the packing of A, done for each block, to cost 1 %. */
  private static final int COLUMNS = 1024;
  /** Blocks of C that a large product has at least where threads share it. */
  private static final int SHARES = 8;
  /**
   * Floats of B that are packed at a time: half a megabyte stays in the second-level cache while all rows of C meet it.
   * At 512x6400x128 with A transposed this reaches 126 GFLOP/s, packing all of B first 68.
   */
  private static final int SLAB = 1 << 17;
  /** Columns of a panel of B. */
  private static final int PANEL = Microkernel.VECTORS * Lanes.COUNT;
  /** Columns that are packed in one go: some panels. */
  private static final int PIECE = 4 * PANEL;
  /** Floats that one chunk packs. */
  private static final int PACKING = 1 << 16;
  /** From so many multiply-adds on, what packing B beforehand costs does not show. */
  private static final long LARGE = 1 << 26;

  private final Workers workers;
  private final Scratch scratch;

  VectorGemm(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  @Override
  public void multiply(GemmSpec spec, Buffer a, Buffer b, @Nullable Buffer bias, Buffer c) {
    multiply(spec, VectorBuffer.reals(a), VectorBuffer.reals(b), bias == null ? null : VectorBuffer.reals(bias),
        VectorBuffer.reals(c));
  }

  /** The same on raw arrays. */
  void multiply(GemmSpec spec, float[] a, float[] b, float @Nullable [] bias, float[] c) {
    if (spec.batch() == 0 || spec.m() == 0 || spec.n() == 0) {
      return;
    }
    Left left = new Left(a, spec.a().offset(), spec.a().rowStride(), spec.a().transposed());
    Product product =
        new Product(spec, left, b, c, new Epilogue((float) spec.alpha(), (float) spec.beta(), bias, 0), 1);
    if (spec.b().batchStride() == 0 || spec.batch() == 1) {
      shared(product, 0, spec.batch());
    } else if (product.work(spec.k()) < CHUNK) {
      int group = (int) Math.min(spec.batch(), CHUNK / product.work(spec.k()));
      workers.run(Math.ceilDiv(spec.batch(), group), chunk -> {
        int end = (int) Math.min(spec.batch(), (chunk + 1L) * group);
        alone(product, chunk * group, end);
      });
    } else {
      for (int i = 0; i < spec.batch(); i++) {
        shared(product, i, 1);
      }
    }
  }

  /** Packs B of (depth, columns) into scratch memory, to be released by {@link #release}. */
  PackedMatrix pack(int depth, int columns, float[] b, int offset, int stride, boolean transposed) {
    PackedMatrix packed = new PackedMatrix(depth, columns, scratch.borrow(PackedMatrix.size(depth, columns)));
    packInParallel(packed, b, offset, stride, transposed);
    return packed;
  }

  void release(PackedMatrix packed) {
    scratch.release(packed.values());
  }

  /** So many matrices that share one B. */
  private void shared(Product product, int first, int count) {
    GemmSpec spec = product.spec;
    int shares = count == 1 ? shares(product) : 1;
    if (shares > 1) {
      int width = Math.ceilDiv(Math.ceilDiv(spec.n(), shares), PANEL) * PANEL;
      workers.run(Math.ceilDiv(spec.n(), width), share -> {
        int column = share * width;
        alone(product.columns(column, Math.min(width, spec.n() - column)), first, first + 1);
      });
    } else {
      inBlocks(workers.threads() == 1 ? product : product.sharedOut(), first, count);
    }
  }

  /** So many matrices that share one B, which the threads pack together before they share the blocks of C. */
  private void inBlocks(Product product, int first, int count) {
    GemmSpec spec = product.spec;
    int unitsOfOne = product.rowBlocks() * product.columnBlocks();
    int units = Math.multiplyExact(unitsOfOne, count);
    int slabDepth = product.slabDepth();
    int unitsPerChunk = Math.clamp(CHUNK * unitsOfOne / product.work(slabDepth), 1, units);
    float[] values = scratch.borrow(PackedMatrix.size(Math.min(slabDepth, spec.k()), spec.n()));
    int term = 0;
    do {
      PackedMatrix packed = new PackedMatrix(Math.min(slabDepth, spec.k() - term), spec.n(), values);
      Matrix b = spec.b();
      packInParallel(packed, product.b, product.rightOffset(first, term), b.rowStride(), b.transposed());
      int from = term;
      workers.run(Math.ceilDiv(units, unitsPerChunk), chunk -> {
        float[] workspace = scratch.borrow(GemmTiles.WORKSPACE);
        int end = (int) Math.min(units, (chunk + 1L) * unitsPerChunk);
        for (int unit = chunk * unitsPerChunk; unit < end; unit++) {
          product.block(first + unit / unitsOfOne, unit % unitsOfOne, packed, from, workspace);
        }
        scratch.release(workspace);
      });
      term += slabDepth;
    } while (term < spec.k());
    scratch.release(values);
  }

  /**
   * Into how many shares of its columns a product falls whose threads pack B each for itself: one hand-off in place of
   * two, and no thread reads what another one just wrote. At 256x256x256 two threads take 165 us so, and 205 where they
   * pack together first. A is packed once for each share, so B must be the larger one.
   */
  private int shares(Product product) {
    GemmSpec spec = product.spec;
    long work = product.work(spec.k());
    if (work >= LARGE || spec.n() < spec.m() || workers.threads() == 1) {
      return 1;
    }
    return (int) Math.min(work / CHUNK, Math.min(spec.n() / PANEL, 2 * workers.threads()));
  }

  /** Some small matrices, each with its own B, on the calling thread. */
  private void alone(Product product, int first, int end) {
    GemmSpec spec = product.spec;
    int slabDepth = product.slabDepth();
    float[] values = scratch.borrow(PackedMatrix.size(Math.min(slabDepth, spec.k()), spec.n()));
    float[] workspace = scratch.borrow(GemmTiles.WORKSPACE);
    int term = 0;
    do {
      PackedMatrix packed = new PackedMatrix(Math.min(slabDepth, spec.k() - term), spec.n(), values);
      for (int matrix = first; matrix < end; matrix++) {
        packed.pack(product.b, product.rightOffset(matrix, term), spec.b().rowStride(), spec.b().transposed());
        for (int unit = 0; unit < product.rowBlocks() * product.columnBlocks(); unit++) {
          product.block(matrix, unit, packed, term, workspace);
        }
      }
      term += slabDepth;
    } while (term < spec.k());
    scratch.release(workspace);
    scratch.release(values);
  }

  private void packInParallel(PackedMatrix packed, float[] b, int offset, int stride, boolean transposed) {
    int pieces = Math.max(1, Math.ceilDiv(packed.columns(), PIECE));
    int units = Math.multiplyExact(packed.blocks(), pieces);
    int size = Math.clamp(packed.depth(), 1, PackedMatrix.BLOCK) * PIECE;
    int unitsPerChunk = Math.clamp(PACKING / size, 1, units);
    workers.run(Math.ceilDiv(units, unitsPerChunk), chunk -> {
      int end = (int) Math.min(units, (chunk + 1L) * unitsPerChunk);
      for (int i = chunk * unitsPerChunk; i < end; i++) {
        int column = i % pieces * PIECE;
        packed.pack(i / pieces, column, Math.min(packed.columns(), column + PIECE), b, offset, stride, transposed);
      }
    });
  }

  /** A spec with its arrays, and the number of blocks of C that there have to be at least. */
  private record Product(GemmSpec spec, Left a, float[] b, float[] c, Epilogue epilogue, int blocks) {
    /** The product of some columns of B, which are the same columns of C. */
    Product columns(int from, int count) {
      Matrix right = spec.b();
      Matrix target = spec.c();
      int shift = right.transposed() ? from * right.rowStride() : from;
      var some = new GemmSpec(spec.batch(), spec.m(), count, spec.k(), spec.a(),
          new Matrix(right.offset() + shift, right.rowStride(), right.batchStride(), right.transposed()),
          new Matrix(target.offset() + from, target.rowStride(), target.batchStride(), false), spec.alpha(), spec.beta(),
          spec.bias());
      return new Product(some, a, b, c,
          new Epilogue(epilogue.alpha(), epilogue.beta(), epilogue.bias(), epilogue.offset() + from), blocks);
    }

    /** The same in as many blocks as have work for a thread each, {@link #SHARES} at most. */
    Product sharedOut() {
      return new Product(spec, a, b, c, epilogue, (int) Math.clamp(work(slabDepth()) / CHUNK, 1, SHARES));
    }

    /** Multiply-adds of one matrix over so many terms, and what it costs to write one element in the same measure. */
    long work(int terms) {
      return (long) spec.m() * spec.n() * (Math.min(terms, spec.k()) + 8);
    }

    /**
     * Rows of a block of C: as many as stay in the second-level cache, so that a panel of B, which may come from
     * further away, meets many rows; fewer only to make more blocks.
     */
    int blockRows() {
      int most = Math.ceilDiv(Math.ceilDiv(spec.m(), Math.ceilDiv(blocks, columnBlocks())), Microkernel.LEAST);
      return Math.min(GemmTiles.ROWS, most * Microkernel.LEAST);
    }

    int rowBlocks() {
      return Math.ceilDiv(spec.m(), blockRows());
    }

    int columnBlocks() {
      return Math.ceilDiv(spec.n(), COLUMNS);
    }

    /** The depth that is packed at a time: whole blocks. */
    int slabDepth() {
      return Math.max(1, SLAB / PackedMatrix.BLOCK / Lanes.padded(spec.n())) * PackedMatrix.BLOCK;
    }

    int rightOffset(int matrix, int term) {
      Matrix right = spec.b();
      return right.offset() + matrix * right.batchStride() + (right.transposed() ? term : term * right.rowStride());
    }

    /** One block of C, columns outermost so that neighbours share the panels of B. */
    void block(int matrix, int unit, PackedMatrix packed, int term, float[] workspace) {
      int row = unit % rowBlocks() * blockRows();
      int column = unit / rowBlocks() * COLUMNS;
      Matrix target = spec.c();
      int skip = a.at(row, term) - a.offset() + matrix * spec.a().batchStride();
      GemmTiles.multiply(a, skip, Math.min(blockRows(), spec.m() - row), packed, column,
          Math.min(spec.n(), column + COLUMNS), term == 0 ? epilogue : epilogue.later(), c,
          target.offset() + matrix * target.batchStride() + row * target.rowStride(), target.rowStride(), workspace);
    }
  }
}
