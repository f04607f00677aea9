package dev.sluice.cuda.kernel;

import dev.sluice.cuda.Launch;

/**
 * Strided walks over one shape as kernels take them ({@code Walk<S>} of common.cuh): innermost dimension first,
 * dimensions of size 1 left out, neighbours that step alike merged. One belongs to each thread and is used again.
 */
final class Walk {
  /** A shape of fewer than 2^31 elements has at most so many dimensions larger than 1. */
  private static final int MOST_DIMENSIONS = 30;
  private static final int MOST_WALKS = 3;
  private static final ThreadLocal<Walk> OF_THREAD = ThreadLocal.withInitial(Walk::new);

  private final int[] sizes = new int[MOST_DIMENSIONS];
  private final int[][] strides = new int[MOST_WALKS][MOST_DIMENSIONS];
  private final int[][] packed = new int[MOST_WALKS + 1][];
  private int walks;
  private int rank;
  private int fence;

  private Walk() {
    for (int count = 0; count < packed.length; count++) {
      packed[count] = new int[1 + (Divisor.MEMBERS + count) * MOST_DIMENSIONS];
    }
  }

  /** This thread's, with so many walks and no dimension yet. */
  static Walk of(int walks) {
    Walk walk = OF_THREAD.get();
    walk.walks = walks;
    walk.rank = 0;
    walk.fence = 0;
    return walk;
  }

  /** Adds the next outer dimension of two walks. */
  void add(int size, int first, int second) {
    add(size, first, second, 0);
  }

  /** Adds the next outer dimension of three walks. */
  void add(int size, int first, int second, int third) {
    if (size == 1) {
      return;
    }
    int inner = rank - 1;
    if (rank > fence && first == strides[0][inner] * sizes[inner] && second == strides[1][inner] * sizes[inner]
        && third == strides[2][inner] * sizes[inner]) {
      sizes[inner] *= size;
      return;
    }
    sizes[rank] = size;
    strides[0][rank] = first;
    strides[1][rank] = second;
    strides[2][rank] = third;
    rank++;
  }

  /** Keeps dimensions added from now on apart from those before. */
  void fence() {
    fence = rank;
  }

  int rank() {
    return rank;
  }

  int size(int dimension) {
    return sizes[dimension];
  }

  int stride(int walk, int dimension) {
    return strides[walk][dimension];
  }

  /** Exchanges two dimensions. */
  void swap(int one, int other) {
    swap(sizes, one, other);
    for (int walk = 0; walk < walks; walk++) {
      swap(strides[walk], one, other);
    }
  }

  private static void swap(int[] array, int one, int other) {
    int kept = array[one];
    array[one] = array[other];
    array[other] = kept;
  }

  /**
   * Makes the first dimension count pieces of so many elements, if every walk takes whole pieces from aligned places
   * (or, where it stands still, single elements); a walk of one dimension may leave elements over.
   *
   * @param offsets where the walks begin, together: any that is no multiple of a piece makes this one of none
   * @return how many pieces the walk has; 0 if it does not go by pieces
   */
  int widen(int piece, int offsets) {
    if (rank == 0 || offsets % piece != 0 || sizes[0] < piece || (rank > 1 && sizes[0] % piece != 0)) {
      return 0;
    }
    for (int walk = 0; walk < walks; walk++) {
      boolean whole = strides[walk][0] == 1;
      for (int d = 1; d < rank; d++) {
        whole &= strides[walk][d] % piece == 0;
      }
      if (!whole && strides[walk][0] != 0) {
        return 0;
      }
    }
    sizes[0] /= piece;
    int pieces = 1;
    for (int d = 0; d < rank; d++) {
      pieces *= sizes[d];
    }
    for (int walk = 0; walk < walks; walk++) {
      strides[walk][0] *= piece;
    }
    return pieces;
  }

  /** Lays it out as an argument. */
  Launch pass(Launch launch) {
    int[] members = packed[walks];
    members[0] = rank;
    for (int d = 0; d < rank; d++) {
      Divisor.pack(sizes[d], members, 1 + d * Divisor.MEMBERS);
      for (int walk = 0; walk < walks; walk++) {
        members[1 + (Divisor.MEMBERS + walk) * MOST_DIMENSIONS + d] = strides[walk][d];
      }
    }
    return launch.integers(members, members.length);
  }
}
