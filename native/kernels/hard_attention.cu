// Attention of which a selection keeps some weights. A first kernel makes the scores Q K^T of a chunk of rows, a second
// their logits, maximum, sum and selection; what follows touches kept weights only: out = sum of kept w v; backward, dP
// = dout.v of kept keys, dv = sum of kept w dout. Without renormalisation every key that takes part has a gradient of
// its logit, p (dP - delta), so that dq and dk are dense; with it they are sparse like dv. A picked key's gradient is
// that of the softmax, with dP of all keys.
//
// A chunk is some tiles of 64 queries of (batch, heads), from `first_tile` on; scores lie (tiles * 64, keys), by row of
// a chunk. Saved of a row of (batch, heads, queries): maximum and sum, of kept logits where renormalised, then a bit
// for each key: (2 + keys / 32 rounded up) words. In scores, `nothing` stands for what takes no part or is not kept.
#include "attention.cuh"
#include "choice.cuh"

// A tile of a chunk, of (batch, heads, tiles of queries).
struct QueryTile {
  int b;
  int h;
  int first;
  int queries;

  __device__ static QueryTile of(const Attention& at, int tile) {
    int tiles = ceil_div(at.queries, LONG_SIDE);
    int first = tile % tiles * LONG_SIDE;
    return QueryTile{tile / tiles / at.heads, tile / tiles % at.heads, first, min(LONG_SIDE, at.queries - first)};
  }
};

// scores of x (batch, heads, queries, width) and y (batch, key heads, keys, width), of the keys that a tile may see.
extern "C" __global__ void __launch_bounds__(TEAM_THREADS) hard_scores(const __grid_constant__ Attention at,
    int first_tile, Layout x_layout, Layout y_layout, int width, const float* __restrict__ x,
    const float* __restrict__ y, const int* __restrict__ lengths, float* __restrict__ scores) {
  __shared__ TileMemory memory;
  int columns = ceil_div(at.keys, SHORT_SIDE);
  int local = blockIdx.x / columns;
  QueryTile tile = QueryTile::of(at, first_tile + local);
  int from = blockIdx.x % columns * SHORT_SIDE;
  Restriction given{nullptr, nullptr, lengths};
  int most = limit_of(at, tile.first + tile.queries - 1, given.length(at, tile.b));
  if (from >= most) {
    return;
  }
  float dots[4][4];
  tile_dots(rows_from(x, x_layout, tile.b, tile.h, tile.first, tile.queries),
      rows_from(y, y_layout, tile.b, tile.h / at.group, from, min(SHORT_SIDE, most - from)), width, memory, dots);
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int row = 4 * tile_row() + r;
    if (row < tile.queries) {
      put_quad(scores + (unsigned long long)(local * LONG_SIDE + row) * at.keys, from + 4 * tile_column(), most,
          make_float4(dots[r][0], dots[r][1], dots[r][2], dots[r][3]));
    }
  }
}

// The row of a team in a chunk.
struct HardRow {
  int b;
  int h;
  int i;
  int limit;
  unsigned row;

  __device__ static HardRow of(const Attention& at, const Restriction& given, int first_tile, unsigned local) {
    QueryTile tile = QueryTile::of(at, first_tile + local / LONG_SIDE);
    int i = tile.first + local % LONG_SIDE;
    return HardRow{tile.b, tile.h, i, limit_of(at, i, given.length(at, tile.b)), at.row(tile.b, tile.h, i)};
  }
};

__device__ inline int saved_words(const Attention& at) {
  return 2 + ceil_div(at.keys, WARP);
}

// The logits of a row, with the weights that they make.
struct LogitRow {
  const float* logits;
  float max;
  float sum;
  const Bool* predicate;

  // Beside a NaN all weights are NaN, and tie.
  __device__ unsigned order(int j) const {
    return is_nothing(logits[j]) ? 0 : sum != sum ? 1 : ordered(logits[j]);
  }

  __device__ float weight(int j) const {
    return is_nothing(logits[j]) ? 0.0f : expf(logits[j] - max) / sum;
  }

  __device__ bool given(int j) const {
    return predicate[j] != 0;
  }
};

// Makes of scores the weights that are kept, after dropout.
extern "C" __global__ void hard_select(const __grid_constant__ Attention at, const __grid_constant__ Choice choice,
    Layout predicate_layout, int by_block, int first_tile, int rows, float* scores, const Bool* __restrict__ mask,
    const float* __restrict__ bias, const int* __restrict__ lengths, const Bool* __restrict__ predicate,
    float* __restrict__ saved, float* __restrict__ weights) {
  __shared__ unsigned long long partials[MOST_WARPS];
  Team team = team_of(by_block != 0, partials);
  Restriction given{mask, bias, lengths};
  for (unsigned local = team.first_row(); local < rows; local += team.row_step()) {
    HardRow query = HardRow::of(at, given, first_tile, local);
    if (query.i >= at.queries) {
      continue;
    }
    float* line = scores + (unsigned long long)local * at.keys;
    float max = -infinity();
    for (int j = team.rank(); j < at.keys; j += team.size()) {
      bool takes = given.takes(at, query.b, query.h, query.i, j, query.limit);
      // A sum with 0 is never -0.
      line[j] = takes ? given.logit(at, query.b, query.h, query.i, j, line[j]) + 0.0f : nothing();
      max = takes ? larger(max, line[j]) : max;
    }
    max = team.max(max);
    bool empty = max == -infinity();
    float sum = 0.0f;
    for (int j = team.rank(); j < at.keys; j += team.size()) {
      line[j] = empty ? nothing() : line[j];
      sum += is_nothing(line[j]) ? 0.0f : expf(line[j] - max);
    }
    sum = team.sum(sum);
    LogitRow row{line, max, sum,
        predicate == nullptr ? nullptr : predicate + predicate_layout.at(query.b, query.h, query.i)};
    Cut cut = choose(team, choice, row, at.keys, query.row);
    unsigned* words = (unsigned*)saved + (unsigned long long)query.row * saved_words(at);
    float kept_max = -infinity();
    int ties = 0;
    for (int from = 0; from < at.keys; from += team.size()) {
      int j = from + team.rank();
      bool keep = keeps(team, choice, cut, row, at.keys, j, ties);
      unsigned word = __ballot_sync(ALL_LANES, keep);
      if (j < at.keys) {
        line[j] = keep ? line[j] : nothing();
        kept_max = keep ? larger(kept_max, line[j]) : kept_max;
        if (lane_id() == 0) {
          words[2 + j / WARP] = word;
        }
      }
    }
    if (choice.renormalises) {
      max = team.max(kept_max);
      // 0, or NaN: a NaN that was not kept shows as well.
      float lost = sum - sum;
      sum = 0.0f;
      for (int j = team.rank(); j < at.keys; j += team.size()) {
        sum += is_nothing(line[j]) ? 0.0f : expf(line[j] - max);
      }
      sum = lost + team.sum(sum);
    }
    for (int j = team.rank(); j < at.keys; j += team.size()) {
      unsigned long long element = (unsigned long long)query.row * at.keys + j;
      float weight = nothing();
      if (!is_nothing(line[j]) && keeps_weight(at.draw, element)) {
        weight = at.dropout_scale * (choice.picks_one() ? sum / sum : expf(line[j] - max) / sum);
      }
      line[j] = weight;
      if (weights != nullptr) {
        weights[element] = weight + 0.0f;
      }
    }
    if (team.rank() == 0) {
      words[0] = __float_as_uint(max);
      words[1] = __float_as_uint(sum);
    }
  }
}

const int GATHER_COLUMNS = 4;

// y[i] = factor * sum over kept keys j of scores[i][j] x[j], a warp for 128 columns of a row: x (batch, key heads,
// keys, width), y (batch, heads, queries, width).
extern "C" __global__ void hard_gather(const __grid_constant__ Attention at, int first_tile, int rows,
    Layout x_layout, Layout y_layout, int width, float factor, const float* __restrict__ scores,
    const float* __restrict__ saved, const float* __restrict__ x, float* __restrict__ y) {
  int slices = ceil_div(width, WARP * GATHER_COLUMNS);
  unsigned all = (unsigned)rows * slices;
  for (unsigned index = first_index() / WARP; index < all; index += index_step() / WARP) {
    unsigned local = index / slices;
    QueryTile tile = QueryTile::of(at, first_tile + local / LONG_SIDE);
    int i = tile.first + local % LONG_SIDE;
    if (i >= at.queries) {
      continue;
    }
    int column = index % slices * WARP * GATHER_COLUMNS + lane_id();
    const unsigned* words =
        (const unsigned*)saved + (unsigned long long)at.row(tile.b, tile.h, i) * saved_words(at) + 2;
    const float* line = scores + (unsigned long long)local * at.keys;
    float sums[GATHER_COLUMNS] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int from = 0; from < at.keys; from += WARP) {
      unsigned word = words[from / WARP];
      if (word == 0) {
        continue;
      }
      float weight = (word >> lane_id() & 1) != 0 ? line[from + lane_id()] : nothing();
      for (unsigned left = __ballot_sync(ALL_LANES, !is_nothing(weight)); left != 0; left &= left - 1) {
        int bit = __ffs(left) - 1;
        float w = __shfl_sync(ALL_LANES, weight, bit);
        const float* row = x + x_layout.at(tile.b, tile.h / at.group, from + bit);
#pragma unroll
        for (int c = 0; c < GATHER_COLUMNS; c++) {
          if (column + c * WARP < width) {
            sums[c] = fmaf(w, row[column + c * WARP], sums[c]);
          }
        }
      }
    }
    float* to = y + y_layout.at(tile.b, tile.h, i);
#pragma unroll
    for (int c = 0; c < GATHER_COLUMNS; c++) {
      if (column + c * WARP < width) {
        to[column + c * WARP] = factor * sums[c];
      }
    }
  }
}

// Makes of the scores Q K^T the gradients of logits, and of grads, where a key is picked dout V^T before, the weights
// that are kept, after dropout.
extern "C" __global__ void hard_rows_backward(const __grid_constant__ Attention at, int picks_one, int renormalises,
    int by_block, int first_tile, int rows, float* scores, float* grads, const float* __restrict__ value,
    const Bool* __restrict__ mask, const float* __restrict__ bias, const int* __restrict__ lengths,
    const float* __restrict__ saved, const float* __restrict__ grad_output, const float* __restrict__ grad_weights,
    float* __restrict__ grad_bias) {
  __shared__ unsigned long long partials[MOST_WARPS];
  Team team = team_of(by_block != 0, partials);
  Restriction given{mask, bias, lengths};
  for (unsigned local = team.first_row(); local < rows; local += team.row_step()) {
    HardRow query = HardRow::of(at, given, first_tile, local);
    if (query.i >= at.queries) {
      continue;
    }
    float* line = scores + (unsigned long long)local * at.keys;
    float* grad_line = grads + (unsigned long long)local * at.keys;
    const unsigned* words = (const unsigned*)saved + (unsigned long long)query.row * saved_words(at);
    float max = __uint_as_float(words[0]);
    float sum = __uint_as_float(words[1]);
    bool empty = sum == 0.0f;
    const float* dout = grad_output + at.output.at(query.b, query.h, query.i);
    unsigned long long first = (unsigned long long)query.row * at.keys;
    // In double, by the weights' own sum: where one weight is nearly all, dP - delta is a difference of nearly equals.
    double total = 0.0;
    double delta = 0.0;
    for (int from = 0; from < at.keys; from += team.size()) {
      int j = from + team.rank();
      bool kept = !empty && j < at.keys && (words[2 + j / WARP] >> lane_id() & 1) != 0;
      bool counts = renormalises ? kept
          : !empty && j < at.keys && given.takes(at, query.b, query.h, query.i, j, query.limit);
      bool passes = counts && (kept || picks_one) && keeps_weight(at.draw, first + j);
      float dot = picks_one && passes ? grad_line[j] : 0.0f;
      if (!picks_one) {
        for (unsigned left = __ballot_sync(ALL_LANES, passes); left != 0; left &= left - 1) {
          int bit = __ffs(left) - 1;
          const float* row = value + at.value.at(query.b, query.h / at.group, j - lane_id() + bit);
          float product = 0.0f;
          for (int d = lane_id(); d < at.value_width; d += WARP) {
            product = fmaf(dout[d], row[d], product);
          }
          product = warp_sum(product);
          dot = bit == lane_id() ? product : dot;
        }
      }
      if (j < at.keys) {
        float p = counts ? expf(given.logit(at, query.b, query.h, query.i, j, line[j]) - max) / sum : nothing();
        float grad = passes ? at.dropout_scale * (grad_weights == nullptr ? dot : dot + grad_weights[first + j]) : 0.0f;
        total += counts ? p : 0.0f;
        delta += counts ? (double)p * grad : 0.0;
        line[j] = p;
        grad_line[j] = grad;
      }
    }
    total = team.sum(total);
    delta = team.sum(delta);
    delta = total == 0.0 ? 0.0 : delta / total;
    for (int j = team.rank(); j < at.keys; j += team.size()) {
      float p = line[j];
      bool kept = !is_nothing(p) && (words[2 + j / WARP] >> (j % WARP) & 1) != 0 && keeps_weight(at.draw, first + j);
      float slope = is_nothing(p) ? nothing() : p * (float)(grad_line[j] - delta) + 0.0f;
      line[j] = slope;
      grad_line[j] = kept ? at.dropout_scale * (picks_one ? sum / sum : p) : nothing();
      if (grad_bias != nullptr) {
        grad_bias[first + j] = slope + 0.0f;
      }
    }
  }
}

// The tiles of a chunk that belong to the query heads of a key head, and how many came before them in the chunk.
struct TileRange {
  int from;
  int to;

  __device__ static TileRange of(const Attention& at, int first_tile, int tiles, int b, int key_head) {
    int per_head = ceil_div(at.queries, LONG_SIDE);
    int start = (b * at.heads + key_head * at.group) * per_head;
    return TileRange{max(start, first_tile), min(start + at.group * per_head, first_tile + tiles)};
  }
};

const int SCATTER_WARPS = 4;

// y[j] += factor * sum over rows i of the chunk that keep key j of scores[i][j] x[i], a warp for 32 keys and 32
// columns: x (batch, heads, queries, width), y (batch, key heads, keys, width).
extern "C" __global__ void __launch_bounds__(SCATTER_WARPS * WARP) hard_scatter(const __grid_constant__ Attention at,
    int first_tile, int tiles, Layout x_layout, Layout y_layout, int width, float factor,
    const float* __restrict__ scores, const float* __restrict__ saved, const float* __restrict__ x,
    float* __restrict__ y) {
  __shared__ float memory[SCATTER_WARPS][WARP][WARP];
  float(*sums)[WARP] = memory[warp_id()];
  int words = ceil_div(at.keys, WARP);
  int slices = ceil_div(width, WARP);
  unsigned all = (unsigned)at.batch * at.key_heads * words * slices;
  for (unsigned index = first_index() / WARP; index < all; index += index_step() / WARP) {
    int column = index % slices * WARP + lane_id();
    int word_at = index / slices % words;
    int head = index / slices / words;
    int b = head / at.key_heads;
    int key_head = head % at.key_heads;
    for (int k = 0; k < WARP; k++) {
      sums[k][lane_id()] = 0.0f;
    }
    TileRange range = TileRange::of(at, first_tile, tiles, b, key_head);
    int key = word_at * WARP + lane_id();
    for (int t = range.from; t < range.to; t++) {
      QueryTile tile = QueryTile::of(at, t);
      for (int from = 0; from < tile.queries; from += WARP) {
        int i = tile.first + from + lane_id();
        unsigned word = from + lane_id() < tile.queries
            ? ((const unsigned*)saved)[(unsigned long long)at.row(b, tile.h, i) * saved_words(at) + 2 + word_at] : 0;
        for (unsigned rows = __ballot_sync(ALL_LANES, word != 0); rows != 0; rows &= rows - 1) {
          int row = __ffs(rows) - 1;
          unsigned kept = __shfl_sync(ALL_LANES, word, row);
          unsigned long long line = (unsigned long long)((t - first_tile) * LONG_SIDE + from + row) * at.keys;
          float weight = (kept >> lane_id() & 1) != 0 ? scores[line + key] : nothing();
          float element = column < width ? x[x_layout.at(b, tile.h, tile.first + from + row) + column] : 0.0f;
          for (unsigned left = __ballot_sync(ALL_LANES, !is_nothing(weight)); left != 0; left &= left - 1) {
            int bit = __ffs(left) - 1;
            sums[bit][lane_id()] = fmaf(__shfl_sync(ALL_LANES, weight, bit), element, sums[bit][lane_id()]);
          }
        }
      }
    }
    if (column < width) {
      for (int k = 0; k < min(WARP, at.keys - word_at * WARP); k++) {
        y[y_layout.at(b, key_head, word_at * WARP + k) + column] += factor * sums[k][lane_id()];
      }
    }
  }
}

// dq = scale * sum over keys of ds k, of a tile of queries and a slice of columns.
extern "C" __global__ void __launch_bounds__(TEAM_THREADS) hard_dense_query(const __grid_constant__ Attention at,
    int first_tile, const float* __restrict__ scores, const float* __restrict__ key,
    const int* __restrict__ lengths, float* __restrict__ grad_query) {
  __shared__ TileMemory memory;
  int slices = slices_of(at.width);
  int column = blockIdx.x % slices * SLICE;
  int local = blockIdx.x / slices;
  QueryTile tile = QueryTile::of(at, first_tile + local);
  Restriction given{nullptr, nullptr, lengths};
  int most = limit_of(at, tile.first + tile.queries - 1, given.length(at, tile.b));
  float sums[4][8];
  clear(sums);
  for (int from = 0; from < most; from += SHORT_SIDE) {
    __syncthreads();
    load_transposed<LONG_SIDE>(Rows{scores + (unsigned long long)local * LONG_SIDE * at.keys, at.keys, tile.queries},
        from, most, memory.weights);
    tile_accumulate(rows_from(key, at.key, tile.b, tile.h / at.group, from, min(SHORT_SIDE, most - from)), column,
        at.width, memory, sums);
  }
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int row = 4 * tile_row() + r;
    if (row < tile.queries) {
      put_sums(sums[r], at.scale, grad_query + at.query.at(tile.b, tile.h, tile.first + row), column, at.width);
    }
  }
}

// dk += scale * sum over the chunk's queries of ds q, of a tile of keys and a slice of columns.
extern "C" __global__ void __launch_bounds__(TEAM_THREADS) hard_dense_key(const __grid_constant__ Attention at,
    int first_tile, int tiles, const float* __restrict__ scores, const float* __restrict__ query,
    float* __restrict__ grad_key) {
  __shared__ TileMemory memory;
  Place place = place_of(at.keys, slices_of(at.width), at.key_heads);
  int first = place.tile * LONG_SIDE;
  int column = place.slice * SLICE;
  float sums[4][8];
  clear(sums);
  TileRange range = TileRange::of(at, first_tile, tiles, place.b, place.h);
  for (int t = range.from; t < range.to; t++) {
    QueryTile tile = QueryTile::of(at, t);
    for (int from = 0; from < tile.queries; from += SHORT_SIDE) {
      int queries = min(SHORT_SIDE, tile.queries - from);
      const float* line = scores + (unsigned long long)((t - first_tile) * LONG_SIDE + from) * at.keys;
      __syncthreads();
      for (int n = threadIdx.x; n < queries * LONG_SIDE / 4; n += TEAM_THREADS) {
        int row = n / (LONG_SIDE / 4);
        int group = n % (LONG_SIDE / 4);
        *(float4*)(memory.weights + place_quad<LONG_SIDE>(row, group)) =
            quad(line + (unsigned long long)row * at.keys, first + 4 * group, at.keys);
      }
      tile_accumulate(rows_from(query, at.query, place.b, tile.h, tile.first + from, queries), column, at.width, memory,
          sums);
    }
  }
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int j = first + 4 * tile_row() + r;
    if (j < at.keys) {
      add_sums(sums[r], at.scale, grad_key + at.key.at(place.b, place.h, j), column, at.width);
    }
  }
}
