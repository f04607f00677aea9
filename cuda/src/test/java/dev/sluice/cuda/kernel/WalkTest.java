package dev.sluice.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class WalkTest {
  @Test
  void neighboursThatStepAlikeMergeAndSizesOfOneVanish() {
    Walk walk = Walk.of(2);
    walk.add(5, 1, 0);
    walk.add(1, 77, 0);
    walk.add(3, 5, 0);
    walk.add(2, 15, 1);
    assertEquals(2, walk.rank());
    assertEquals(15, walk.size(0));
    assertEquals(2, walk.size(1));
    assertEquals(15, walk.stride(0, 1));
    assertEquals(1, walk.stride(1, 1));
  }

  @Test
  void dimensionsStayApartAcrossAFence() {
    Walk walk = Walk.of(3);
    walk.add(4, 1, 1, 1);
    walk.fence();
    walk.add(6, 4, 4, 4);
    walk.add(2, 24, 24, 24);
    assertEquals(2, walk.rank());
    assertEquals(12, walk.size(1));
  }

  @Test
  void aRunGoesByPiecesAndMayLeaveElementsOver() {
    Walk walk = Walk.of(2);
    walk.add(19, 1, 1);
    assertEquals(4, walk.widen(4, 0));
    assertEquals(4, walk.size(0));
    assertEquals(4, walk.stride(0, 0));
  }

  @Test
  void rowsGoByPiecesWhereEachBeginsAligned() {
    Walk walk = Walk.of(2);
    walk.add(8, 1, 0);
    walk.add(3, 12, 1);
    assertEquals(6, walk.widen(4, 0));
    assertEquals(2, walk.size(0));
    assertEquals(4, walk.stride(0, 0));
    assertEquals(0, walk.stride(1, 0));
    assertEquals(12, walk.stride(0, 1));
  }

  @Test
  void walksThatDoNotTakeWholePiecesStayAsTheyAre() {
    Walk odd = Walk.of(2);
    odd.add(6, 1, 1);
    odd.add(2, 8, 8);
    assertEquals(0, odd.widen(4, 0));
    assertEquals(6, odd.size(0));
    Walk stepping = Walk.of(2);
    stepping.add(8, 2, 1);
    assertEquals(0, stepping.widen(4, 0));
    Walk unaligned = Walk.of(2);
    unaligned.add(8, 1, 1);
    unaligned.add(2, 9, 16);
    assertEquals(0, unaligned.widen(4, 0));
    Walk offset = Walk.of(2);
    offset.add(8, 1, 1);
    assertEquals(0, offset.widen(4, 2));
    Walk few = Walk.of(2);
    few.add(3, 1, 1);
    assertEquals(0, few.widen(4, 0));
    assertEquals(3, few.size(0));
  }
}
