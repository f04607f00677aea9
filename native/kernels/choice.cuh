// Which weights of a row count, as dev.sluice.spi.Selection has it: shared by selections from given weights and by hard
// attention.
//
// A row is a type with `unsigned order(int j)`, which compares as the weights do and is 0 of what takes no part,
// `float weight(int j)` and `bool given(int j)`, a caller's choice. Members of the team ask for their own elements
// only.
#pragma once

#include "rows.cuh"

enum Kind { ALL, THRESHOLD, LARGEST, PREDICATE, SAMPLED, ARG_MAX };

// The kind, what it needs, and the key and first counter of a draw.
struct Choice {
  int kind;
  int count;
  float least;
  int renormalises;
  unsigned long long seed;
  unsigned long long offset;

  __device__ bool picks_one() const {
    return kind == SAMPLED || kind == ARG_MAX;
  }
};

// An integer that orders as the number does: 1 and more, equal zeros equal, NaN above all others.
__device__ inline unsigned ordered(float x) {
  unsigned bits = __float_as_uint(x + 0.0f);
  return x != x ? 0xff800001u : bits ^ ((bits & 0x80000000u) != 0 ? 0xffffffffu : 0x80000000u);
}

// What was chosen of a row: all elements of an order above `above`, the first `ties` of the order `above`, or one.
struct Cut {
  unsigned above;
  int ties;
  int picked;
};

// Looks for the k-th largest by halving the range of orders; ends early where exactly k lie at or above one.
template <typename Row>
__device__ inline Cut largest_of(const Team& team, const Row& row, int width, int k) {
  int taking = 0;
  unsigned greatest = 0;
  for (int j = team.rank(); j < width; j += team.size()) {
    unsigned order = row.order(j);
    taking += order != 0;
    greatest = Greatest::combine(greatest, order);
  }
  taking = team.sum(taking);
  greatest = team.template reduce<Greatest>(greatest);
  if (taking <= k) {
    return Cut{0, 0, -1};
  }
  unsigned low = 1;
  unsigned high = greatest + 1;
  int above_high = 0;
  while (high - low > 1) {
    unsigned middle = low + (high - low) / 2;
    int above = 0;
    for (int j = team.rank(); j < width; j += team.size()) {
      above += row.order(j) >= middle;
    }
    above = team.sum(above);
    if (above == k) {
      return Cut{middle - 1, 0, -1};
    }
    if (above > k) {
      low = middle;
    } else {
      high = middle;
      above_high = above;
    }
  }
  return Cut{low, k - above_high, -1};
}

// The element of the greatest order, of equal ones the first; -1 where none takes part.
template <typename Row>
__device__ inline int first_largest(const Team& team, const Row& row, int width) {
  unsigned long long best = 0;
  for (int j = team.rank(); j < width; j += team.size()) {
    unsigned long long order = row.order(j);
    best = Greatest::combine(best, order << 32 | (0xffffffffu - j));
  }
  best = team.template reduce<Greatest>(best);
  return best >> 32 == 0 ? -1 : (int)(0xffffffffu - (unsigned)best);
}

// The first element at which the sum of weights exceeds u times the whole; the last that is not 0 if rounding finds
// none, the first that is not 0 if the whole is NaN; -1 where all are 0.
template <typename Row>
__device__ inline int drawn(const Team& team, const Choice& choice, const Row& row, int width, long long number) {
  Draw draw{choice.seed, choice.offset, 0};
  uint4 words = draw.words(number >> 2);
  unsigned which = (unsigned)number & 3;
  unsigned word = which == 0 ? words.x : which == 1 ? words.y : which == 2 ? words.z : words.w;
  float total = 0.0f;
  for (int j = team.rank(); j < width; j += team.size()) {
    total += row.weight(j);
  }
  float target = (word >> 8) * 0x1p-24f * team.sum(total);
  float sum = 0.0f;
  // As numbers from the end: the first is the greatest.
  unsigned first = 0;
  unsigned last = 0;
  for (int from = 0; from < width; from += team.size()) {
    int j = from + team.rank();
    float weight = j < width ? row.weight(j) : 0.0f;
    float reached = team.scan(weight, sum);
    if (weight != 0.0f) {
      last = j + 1;
      first = first == 0 && !(reached <= target) ? width - j : first;
    }
  }
  first = team.template reduce<Greatest>(first);
  last = team.template reduce<Greatest>(last);
  return first != 0 ? width - (int)first : (int)last - 1;
}

template <typename Row>
__device__ inline Cut choose(const Team& team, const Choice& choice, const Row& row, int width, long long number) {
  if (choice.kind == ARG_MAX || choice.kind == LARGEST && choice.count == 1) {
    return Cut{0, 0, first_largest(team, row, width)};
  }
  if (choice.kind == SAMPLED) {
    return Cut{0, 0, drawn(team, choice, row, width, number)};
  }
  return choice.kind == LARGEST ? largest_of(team, row, width, choice.count) : Cut{0, 0, -1};
}

// Whether element j is kept: to be asked of all members at once, in the order of j; past the end it is not. Ties counts
// the equal ones that came before, 0 at first.
template <typename Row>
__device__ inline bool keeps(const Team& team, const Choice& choice, const Cut& cut, const Row& row, int width, int j,
    int& ties) {
  unsigned order = j < width ? row.order(j) : 0;
  if (choice.picks_one() || choice.kind == LARGEST && choice.count == 1) {
    return j < width && j == cut.picked;
  }
  if (choice.kind == THRESHOLD) {
    return order != 0 && !(row.weight(j) < choice.least);
  }
  if (choice.kind == PREDICATE) {
    return order != 0 && row.given(j);
  }
  if (cut.ties == 0) {
    return order > cut.above;
  }
  int equal = order == cut.above;
  int reached = team.scan(equal, ties);
  return order > cut.above || equal && reached <= cut.ties;
}
