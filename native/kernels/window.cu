// Windows (u, v) with taps (i, j) at the positions (p, q) of the planes of x (batch, channels, rows, columns): unfolded
// columns[c, i, j, s, u, v] = x[first + s, c, p, q], largest element and mean of each window, and the adjoints. A
// backward kernel gathers: a thread takes an element of x and adds up what the windows that hold it bring, in their
// order.
#include "common.cuh"

// Windows along one dimension, as dev.sluice.spi.Windows.Axis: window w covers w * stride - padding + t * dilation for
// its taps t.
struct Axis {
  int size;
  int kernel;
  int stride;
  int padding;
  int dilation;
  int count;

  __device__ int position(int window, int tap) const {
    return window * stride - padding + tap * dilation;
  }

  __device__ bool holds(int position) const {
    return position >= 0 && position < size;
  }

  // The window that has a position at a tap; -1 for none.
  __device__ int window(int position, int tap) const {
    int start = position + padding - tap * dilation;
    int window = start / stride;
    return start >= 0 && window < count && window * stride == start ? window : -1;
  }

  // Whether one of a window's taps meets a position between its first and its last.
  __device__ bool meets(int position, int window) const {
    return (position + padding - window * stride) % dilation == 0;
  }

  // The first window that reaches up to a position.
  __device__ int first_window(int position) const {
    int start = position + padding - (kernel - 1) * dilation;
    return start <= 0 ? 0 : ceil_div(start, stride);
  }

  // One more than the last window that starts at or before a position.
  __device__ int end_window(int position) const {
    return min((position + padding) / stride + 1, count);
  }

  // How many taps of a window lie inside.
  __device__ int inner_taps(int window) const {
    int before = min(ceil_div(max(padding - window * stride, 0), dilation), kernel);
    int last = size - 1 + padding - window * stride;
    return last < 0 ? 0 : max(min(last / dilation + 1, kernel) - before, 0);
  }

  // How many taps of a window lie inside or in the padding.
  __device__ int padded_taps(int window) const {
    return min(ceil_div(size + 2 * padding - window * stride, dilation), kernel);
  }
};

struct Windows {
  int batch;
  int channels;
  Axis rows;
  Axis columns;

  __device__ int plane() const {
    return rows.size * columns.size;
  }

  __device__ int count() const {
    return rows.count * columns.count;
  }
};

// columns (channels * taps, samples * windows): rows of that matrix along y, its columns along x.
extern "C" __global__ void unfold(Windows w, int first, int samples, const float* x, float* columns) {
  int taps = w.rows.kernel * w.columns.kernel;
  int count = w.count();
  unsigned width = samples * count;
  for (int row = blockIdx.y; row < w.channels * taps; row += gridDim.y) {
    int channel = row / taps;
    int i = row % taps / w.columns.kernel;
    int j = row % w.columns.kernel;
    for (unsigned at = first_index(); at < width; at += index_step()) {
      int sample = at / count;
      int window = at - sample * count;
      int p = w.rows.position(window / w.columns.count, i);
      int q = w.columns.position(window % w.columns.count, j);
      int plane = (first + sample) * w.channels + channel;
      columns[row * width + at] = w.rows.holds(p) && w.columns.holds(q)
          ? x[plane * w.plane() + p * w.columns.size + q] : 0.0f;
    }
  }
}

extern "C" __global__ void unfold_backward(Windows w, int first, int samples, const float* grad_columns,
    float* grad_x) {
  int plane = w.plane();
  int count = w.count();
  int width = samples * count;
  for (unsigned at = first_index(); at < samples * w.channels * plane; at += index_step()) {
    int position = at % plane;
    int channel = at / plane % w.channels;
    int sample = at / plane / w.channels;
    int p = position / w.columns.size;
    int q = position % w.columns.size;
    float sum = 0.0f;
    for (int i = 0; i < w.rows.kernel; i++) {
      int u = w.rows.window(p, i);
      for (int j = 0; j < w.columns.kernel && u >= 0; j++) {
        int v = w.columns.window(q, j);
        if (v >= 0) {
          int row = (channel * w.rows.kernel + i) * w.columns.kernel + j;
          sum += grad_columns[row * width + sample * count + u * w.columns.count + v];
        }
      }
    }
    grad_x[first * w.channels * plane + at] = sum;
  }
}

// y (batch, channels, windows); indices likewise, the place in its plane of the largest element: the first of those
// that tie, the last NaN; null where not wanted.
extern "C" __global__ void max_pool(Windows w, const float* x, float* y, int* indices) {
  int count = w.count();
  for (unsigned at = first_index(); at < w.batch * w.channels * count; at += index_step()) {
    int window = at % count;
    int u = window / w.columns.count;
    int v = window % w.columns.count;
    const float* plane = x + at / count * w.plane();
    int best = -1;
    float largest = 0.0f;
    for (int i = 0; i < w.rows.kernel; i++) {
      int p = w.rows.position(u, i);
      for (int j = 0; j < w.columns.kernel && w.rows.holds(p); j++) {
        int q = w.columns.position(v, j);
        if (w.columns.holds(q)) {
          float value = plane[p * w.columns.size + q];
          if (best < 0 || value > largest || value != value) {
            best = p * w.columns.size + q;
            largest = value;
          }
        }
      }
    }
    y[at] = largest;
    if (indices != nullptr) {
      indices[at] = best;
    }
  }
}

extern "C" __global__ void max_pool_backward(Windows w, const int* indices, const float* grad_y, float* grad_x) {
  int plane = w.plane();
  for (unsigned at = first_index(); at < w.batch * w.channels * plane; at += index_step()) {
    int position = at % plane;
    int p = position / w.columns.size;
    int q = position % w.columns.size;
    int windows = at / plane * w.count();
    int end_row = w.rows.end_window(p);
    int first_column = w.columns.first_window(q);
    int end_column = w.columns.end_window(q);
    float sum = 0.0f;
    for (int u = w.rows.first_window(p); u < end_row; u++) {
      for (int v = first_column; v < end_column; v++) {
        int window = windows + u * w.columns.count + v;
        if (indices[window] == position) {
          sum += grad_y[window];
        }
      }
    }
    grad_x[at] = sum;
  }
}

// What the sum of a window is divided by, as dev.sluice.spi.AveragePoolSpec has it: a fixed divisor unless 0, else the
// number of taps inside, or inside and in the padding.
__device__ inline float window_divisor(const Windows& w, int u, int v, int count_padding, int divisor) {
  int taps = count_padding ? w.rows.padded_taps(u) * w.columns.padded_taps(v)
      : w.rows.inner_taps(u) * w.columns.inner_taps(v);
  return (float)(divisor != 0 ? divisor : taps);
}

extern "C" __global__ void average_pool(Windows w, int count_padding, int divisor, const float* x, float* y) {
  int count = w.count();
  for (unsigned at = first_index(); at < w.batch * w.channels * count; at += index_step()) {
    int window = at % count;
    int u = window / w.columns.count;
    int v = window % w.columns.count;
    const float* plane = x + at / count * w.plane();
    float sum = 0.0f;
    for (int i = 0; i < w.rows.kernel; i++) {
      int p = w.rows.position(u, i);
      for (int j = 0; j < w.columns.kernel && w.rows.holds(p); j++) {
        int q = w.columns.position(v, j);
        if (w.columns.holds(q)) {
          sum += plane[p * w.columns.size + q];
        }
      }
    }
    y[at] = sum / window_divisor(w, u, v, count_padding, divisor);
  }
}

extern "C" __global__ void average_pool_backward(Windows w, int count_padding, int divisor, const float* grad_y,
    float* grad_x) {
  int plane = w.plane();
  for (unsigned at = first_index(); at < w.batch * w.channels * plane; at += index_step()) {
    int position = at % plane;
    int p = position / w.columns.size;
    int q = position % w.columns.size;
    int windows = at / plane * w.count();
    int end_row = w.rows.end_window(p);
    int first_column = w.columns.first_window(q);
    int end_column = w.columns.end_window(q);
    float sum = 0.0f;
    for (int u = w.rows.first_window(p); u < end_row; u++) {
      for (int v = first_column; v < end_column && w.rows.meets(p, u); v++) {
        if (w.columns.meets(q, v)) {
          sum += grad_y[windows + u * w.columns.count + v] / window_divisor(w, u, v, count_padding, divisor);
        }
      }
    }
    grad_x[at] = sum;
  }
}
