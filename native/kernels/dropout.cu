// Inverted dropout of n elements, numbered by their index: y[i] = keeps(i) ? x[i] * scale : 0; the gradient is the same
// of gradY. A thread takes the four elements of a Philox block; a dropped x is not read.
#include "common.cuh"

extern "C" __global__ void dropout(const float* x, float* y, int n, unsigned long long seed,
    unsigned long long offset, unsigned long long threshold, float scale) {
  Draw draw = {seed, offset, threshold};
  unsigned quads = ceil_div((unsigned)n, 4u);
  for (unsigned quad = first_index(); quad < quads; quad += index_step()) {
    uint4 words = draw.words(quad);
    unsigned i = 4 * quad;
    bool whole = i + 4 <= n;
    float4 four;
    four.x = words.x < draw.threshold ? x[i] * scale : 0.0f;
    four.y = i + 1 < n && words.y < draw.threshold ? x[i + 1] * scale : 0.0f;
    four.z = i + 2 < n && words.z < draw.threshold ? x[i + 2] * scale : 0.0f;
    four.w = whole && words.w < draw.threshold ? x[i + 3] * scale : 0.0f;
    if (whole) {
      ((float4*)y)[quad] = four;
    } else {
      y[i] = four.x;
      if (i + 1 < n) {
        y[i + 1] = four.y;
      }
      if (i + 2 < n) {
        y[i + 2] = four.z;
      }
    }
  }
}
