// Kernels without faults give right results, in ordinary mode and in checking mode under several orders, and then no
// reports.
#include "harness.h"

#include <algorithm>

using namespace softgpu;
using namespace softgpu::test;

namespace {

std::string ptx;
std::string mode;

double largestError(const std::vector<float>& got, const std::vector<double>& wanted) {
  double largest = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    double error = std::fabs(got[i] - wanted[i]);
    largest = std::isnan(error) ? INFINITY : std::max(largest, error);
  }
  return largest;
}

void ran(const Result& result, const std::string& kernel) {
  check(result.status == Status::Ok, mode + kernel + ": " + result.text);
}

void near(const std::vector<float>& got, const std::vector<double>& wanted, double bound, const std::string& kernel) {
  double error = largestError(got, wanted);
  check(error <= bound, mode + kernel + ": off by " + std::to_string(error));
}

void softmax(const Options& options) {
  Device device(options, ptx);
  int rows = 5, columns = 300;
  std::vector<float> x = numbers(rows * columns, 1);
  Address y = device.reserve<float>(x.size());
  ran(device.launch("softmax", rows, 128, 0, false, device.upload(x), y, columns), "softmax");
  std::vector<double> wanted;
  for (int r = 0; r < rows; ++r) {
    double sum = 0;
    for (int c = 0; c < columns; ++c) sum += std::exp(double(x[r * columns + c]));
    for (int c = 0; c < columns; ++c) wanted.push_back(std::exp(double(x[r * columns + c])) / sum);
  }
  near(device.download<float>(y, x.size()), wanted, 1e-8, "softmax");
}

void reductions(const Options& options) {
  Device device(options, ptx);
  int n = 2000;
  std::vector<float> x = numbers(n, 2);
  Address in = device.upload(x), sums = device.reserve<float>(8), total = device.reserve<float>(1);
  ran(device.launch("reduceTree", 8, 256, 1024, false, in, sums, n), "reduceTree");
  std::vector<double> wanted(8, 0);
  for (int i = 0; i < n; ++i) wanted[i / 256] += x[i];
  near(device.download<float>(sums, 8), wanted, 1e-5, "reduceTree");
  for (int round = 0; round < 2; ++round) {
    ran(device.launch("reduceLast", 5, 256, 0, false, in, sums, total, n), "reduceLast");
    double sum = 0;
    for (float value : x) sum += value;
    near(device.download<float>(total, 1), {sum}, 2e-5, "reduceLast");
  }
}

void matmul(const Options& options) {
  Device device(options, ptx);
  int m = 37, n = 45, k = 29;
  std::vector<float> a = numbers(m * k, 3), b = numbers(k * n, 4);
  Address c = device.reserve<float>(m * n);
  ran(device.launchOn("matmul", {3, 3, 1}, {16, 16, 1}, 0, false, device.upload(a), device.upload(b), c, m, n, k),
      "matmul");
  std::vector<double> wanted(m * n, 0);
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      for (int l = 0; l < k; ++l) wanted[i * n + j] += double(a[i * k + l]) * b[l * n + j];
    }
  }
  near(device.download<float>(c, m * n), wanted, 1e-5, "matmul");
}

void attention(const Options& options) {
  Device device(options, ptx);
  int length = 75, d = 32;
  std::vector<float> q = numbers(length * d, 5), k = numbers(length * d, 6), v = numbers(length * d, 7);
  Address o = device.reserve<float>(q.size());
  ran(device.launch("attention", 3, 128, 0, false, device.upload(q), device.upload(k), device.upload(v), o, length),
      "attention");
  std::vector<double> wanted(q.size(), 0);
  for (int i = 0; i < length; ++i) {
    std::vector<double> e(i + 1);
    double sum = 0;
    for (int j = 0; j <= i; ++j) {
      for (int c = 0; c < d; ++c) e[j] += double(q[i * d + c]) * k[j * d + c];
      e[j] = std::exp(e[j] * 0.17677669);
      sum += e[j];
    }
    for (int j = 0; j <= i; ++j) {
      for (int c = 0; c < d; ++c) wanted[i * d + c] += e[j] / sum * v[j * d + c];
    }
  }
  near(device.download<float>(o, q.size()), wanted, 1e-5, "attention");
}

void scan(const Options& options) {
  Device device(options, ptx);
  std::vector<int> x(512);
  for (int i = 0; i < 512; ++i) x[i] = i * 7 % 31 - 11;
  Address y = device.reserve<int>(512);
  ran(device.launch("scan", 2, 256, 0, false, device.upload(x), y), "scan");
  std::vector<int> got = device.download<int>(y, 512);
  int sum = 0;
  bool same = true;
  for (int i = 0; i < 512; ++i) {
    sum = (i % 256 == 0 ? 0 : sum) + x[i];
    same &= got[i] == sum;
  }
  check(same, mode + "scan");
}

void recurrence(const Options& options) {
  Device device(options, ptx);
  int size = 96, steps = 6;
  std::vector<float> w = numbers(size * size, 8), h = numbers(size, 9);
  for (float& value : w) value *= 0.2f;
  std::vector<float> states((steps + 1) * size);
  Address address = device.reserve<float>(states.size());
  std::memcpy(reinterpret_cast<void*>(address), h.data(), size * sizeof(float));
  device.memory().hostWrote(address, size * sizeof(float));
  ran(device.launch("recurrence", 3, 64, size * sizeof(float), true, device.upload(w), address, size, steps),
      "recurrence");
  std::vector<double> wanted(h.begin(), h.end());
  for (int t = 0; t < steps; ++t) {
    for (int i = 0; i < size; ++i) {
      double sum = 0;
      for (int j = 0; j < size; ++j) sum += w[i * size + j] * wanted[t * size + j];
      wanted.push_back(std::tanh(sum));
    }
  }
  near(device.download<float>(address, states.size()), wanted, 1e-5, "recurrence");
}

void divergent(const Options& options) {
  Device device(options, ptx);
  int n = 333;
  Address y = device.reserve<int>(n);
  ran(device.launch("divergent", 3, 128, 0, false, y, n), "divergent");
  std::vector<int> got = device.download<int>(y, n);
  auto collatz = [](unsigned x) {
    int steps = 0;
    for (; x != 1; ++steps) x = x % 2 == 0 ? x / 2 : 3 * x + 1;
    return steps;
  };
  bool same = true;
  for (int i = 0; i < n; ++i) {
    int results[] = {collatz(i + 1), i * 3, -i, collatz(i + 1) + collatz(i + 2), __builtin_popcount(i), i / 5, 7};
    same &= got[i] == results[i % 7] + 1000;
  }
  check(same, mode + "divergent");
}

void all(const Options& options) {
  softmax(options);
  reductions(options);
  matmul(options);
  attention(options);
  scan(options);
  recurrence(options);
  divergent(options);
}

} // namespace

int main() {
  ptx = readFile("clean.ptx");
  Options options;
  for (unsigned threads : {1u, 3u}) {
    options.threads = threads;
    mode = "threads " + std::to_string(threads) + ", ";
    all(options);
  }
  options.check = true;
  for (unsigned seed = 0; seed < 5; ++seed) {
    options.seed = seed;
    mode = "checking, seed " + std::to_string(seed) + ", ";
    all(options);
  }
  for (const Report& report : reports()) check(false, "no report wanted: " + report.format());
  return finish("clean kernels");
}
