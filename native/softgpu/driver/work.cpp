// Streams' work: what is put in, what it waits for, and the order in which it is done when something forces it.
#include <algorithm>
#include <unordered_map>

#include "state.h"

namespace softgpu::driver {

namespace {

// A stream that holds more does half of it, as a full hardware queue would make a call wait.
constexpr uint64_t BACKLOG = 1024;

void runFront(Stream& stream) {
  auto task = std::move(stream.queue.front());
  stream.queue.pop_front();
  ++stream.done;
  try {
    task.run();
  } catch (const Failure& failure) {
    stream.context.breakWith(failure.code);
  } catch (const std::exception&) {
    stream.context.breakWith(CUDA_ERROR_UNKNOWN);
  }
}

bool ready(const Stream& stream) {
  const auto& after = stream.queue.front().after;
  return std::all_of(after.begin(), after.end(), [](const Point& point) { return point.reached(); });
}

}  // namespace

bool Point::reached() const { return stream == nullptr || stream->done >= ticket; }

Point Stream::issue(std::function<void()> run, std::vector<Point> after) {
  if (this == context.nullStream.get()) {
    for (const auto& stream : context.streams) {
      if (stream->blocking() && !stream->idle()) {
        after.push_back(stream->tail());
      }
    }
  } else if (blocking() && !context.nullStream->idle()) {
    after.push_back(context.nullStream->tail());
  }
  queue.push_back({std::move(after), std::move(run)});
  ++issued;
  Point point = tail();
  if (issued - done > BACKLOG) {
    complete({{point.stream, done + BACKLOG / 2}});
  }
  return point;
}

void Stream::synchronize() {
  complete({tail()});
  for (const auto& pool : context.device.pools) {
    pool->trim(pool->threshold);
  }
  require(context.fault == CUDA_SUCCESS, context.fault);
}

bool Stream::query() {
  if (idle()) {
    return true;
  }
  synchronize();
  return false;
}

void complete(const std::vector<Point>& goals) {
  // What the goals depend on, as the last ticket of each stream.
  std::unordered_map<std::shared_ptr<Stream>, uint64_t> wanted;
  std::vector<Point> open = goals;
  while (!open.empty()) {
    Point point = open.back();
    open.pop_back();
    if (point.reached()) {
      continue;
    }
    uint64_t& last = wanted[point.stream];
    for (uint64_t ticket = std::max(last, point.stream->done); ticket < point.ticket; ticket++) {
      const auto& after = point.stream->queue[ticket - point.stream->done].after;
      open.insert(open.end(), after.begin(), after.end());
    }
    last = std::max(last, point.ticket);
  }
  std::vector<Point> streams;
  for (const auto& [stream, ticket] : wanted) {
    streams.push_back({stream, ticket});
  }
  std::sort(streams.begin(), streams.end(), [](const Point& a, const Point& b) { return a.stream->id > b.stream->id; });
  for (bool more = true; more;) {
    more = false;
    for (const Point& point : streams) {
      while (!point.reached() && ready(*point.stream)) {
        runFront(*point.stream);
        more = true;
      }
    }
  }
}

}  // namespace softgpu::driver
