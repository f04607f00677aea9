package dev.sluice.backend.vector;

/**
 * How attention is cut up, by the sizes alone: each pair (batch row, head) into ranges of positions, a block being one
 * range of one pair; small blocks are worked on several to a chunk, the chunks a power of two if they are few.
 *
 * @param pairs batch rows times heads
 * @param length positions of a pair
 * @param perBlock positions of a block, at least 1
 * @param perChunk blocks of a chunk, at least 1
 */
record AttentionBlocks(int pairs, int length, int perBlock, int perChunk) {
  /** A chunk's multiply-adds: some 40 us. */
  private static final long GRAIN = 1 << 20;
  /** So many blocks keep all threads busy. */
  private static final int ENOUGH = 32;
  /** So many will do where each has sums of all keys' gradients of its own. */
  private static final int FEW = 8;
  /** With so many chunks it no longer matters that threads have unlike numbers of them. */
  private static final int EVEN = 16;

  /**
   * Whole pairs as blocks where there are enough of them, else ranges of whole tiles.
   *
   * @param tile positions of a tile
   * @param cost multiply-adds of a position
   */
  static AttentionBlocks of(int pairs, int length, int tile, long cost) {
    int tiles = Math.max(1, Math.ceilDiv(length, tile));
    int ranges = Math.clamp(Math.ceilDiv(ENOUGH, Math.max(1, pairs)), 1, tiles);
    return grouped(pairs, length, Math.ceilDiv(tiles, ranges) * tile, cost);
  }

  /**
   * Whole pairs as blocks where there are some of them or little work, else a few ranges of whole tiles.
   *
   * @param tile positions of a tile
   * @param cost multiply-adds of a position
   */
  static AttentionBlocks few(int pairs, int length, int tile, long cost) {
    boolean little = (double) pairs * length * cost < FEW * GRAIN;
    int tiles = Math.max(1, Math.ceilDiv(length, tile));
    int ranges = pairs >= FEW || little ? 1 : Math.clamp(Math.ceilDiv(FEW, Math.max(1, pairs)), 1, tiles);
    return grouped(pairs, length, Math.ceilDiv(tiles, ranges) * tile, cost);
  }

  private static AttentionBlocks grouped(int pairs, int length, int perBlock, long cost) {
    long blockCost = Math.max(1, Math.multiplyExact(Math.min(perBlock, Math.max(1, length)), cost));
    AttentionBlocks blocks = new AttentionBlocks(pairs, length, perBlock, (int) Math.max(1, GRAIN / blockCost));
    int chunks = blocks.chunks();
    return chunks > 1 && chunks < EVEN ? blocks.withChunks(Integer.highestOneBit(2 * chunks - 1)) : blocks;
  }

  private AttentionBlocks withChunks(int chunks) {
    return new AttentionBlocks(pairs, length, perBlock, Math.ceilDiv(blocks(), chunks));
  }

  /** Blocks of a pair: one, of no positions, where the length is 0. */
  int ranges() {
    return Math.max(1, Math.ceilDiv(length, perBlock));
  }

  int blocks() {
    return Math.multiplyExact(pairs, ranges());
  }

  int chunks() {
    return Chunks.count(blocks(), perChunk);
  }

  int firstBlock(int chunk) {
    return chunk * perChunk;
  }

  int endBlock(int chunk) {
    return Chunks.end(firstBlock(chunk), perChunk, blocks());
  }

  int pair(int block) {
    return block / ranges();
  }

  int start(int block) {
    return block % ranges() * perBlock;
  }

  int end(int block) {
    return Chunks.end(start(block), perBlock, length);
  }
}
