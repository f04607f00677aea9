// Lists of buffers in one launch. The buffers are cut into chunks of CHUNK elements, numbered through the list; a block
// of 256 threads takes a chunk. Pointers and sizes travel as kernel parameters.
#pragma once

#include "common.cuh"

const int MOST_BUFFERS = 64;
const int CHUNK = 4096;

// Which elements a list's buffers have: buffer b has the chunks first[b] to first[b+1]-1.
struct Extents {
  int count;
  int length[MOST_BUFFERS];
  int first[MOST_BUFFERS + 1];
};

struct Pointers {
  float* buffer[MOST_BUFFERS];
};

// One chunk's buffer, first element and number of elements.
struct Chunk {
  int buffer;
  int begin;
  int length;

  __device__ Chunk(const Extents& extents, int chunk) {
    int low = 0;
    int high = extents.count - 1;
#pragma unroll 1
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (extents.first[middle] <= chunk) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    buffer = low;
    begin = (chunk - extents.first[low]) * CHUNK;
    length = min(CHUNK, extents.length[low] - begin);
  }

  __device__ float* of(const Pointers& list) const {
    return list.buffer[buffer] + begin;
  }
};
