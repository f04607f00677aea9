// Liveness and linear scan: the virtual registers of a kernel share rows of a warp's register file, which then stays in
// cache.
#include "flatten.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace softgpu::ptx {
namespace {

using Bits = std::vector<std::uint64_t>;

bool test(const Bits& bits, int at) { return bits[static_cast<std::size_t>(at) / 64] >> (at % 64) & 1; }

void set(Bits& bits, int at) { bits[static_cast<std::size_t>(at) / 64] |= std::uint64_t{1} << (at % 64); }

template <class F>
void each(const Bits& bits, F visit) {
  for (std::size_t w = 0; w < bits.size(); ++w) {
    for (std::uint64_t word = bits[w]; word; word &= word - 1) {
      visit(w * 64 + static_cast<std::size_t>(__builtin_ctzll(word)));
    }
  }
}

template <class F>
void eachRegister(const Operand& operand, F visit) {
  if (operand.reg >= 0) visit(operand.reg);
  for (const Operand& part : operand.parts) eachRegister(part, visit);
}

template <class F>
void eachRead(const Statement& statement, F visit) {
  if (statement.guard >= 0) visit(statement.guard);
  for (std::size_t i = writesFirst(statement) ? 1 : 0; i < statement.operands.size(); ++i)
    eachRegister(statement.operands[i], visit);
}

template <class F>
void eachWritten(const Statement& statement, F visit) {
  if (writesFirst(statement) && !statement.operands.empty()) eachRegister(statement.operands[0], visit);
}

struct Interval {
  int reg;
  int from = -1, to = -1;

  void cover(int at) {
    if (from < 0 || at < from) from = at;
    to = std::max(to, at);
  }
};

struct Span {
  int begin, end;
  std::vector<int> next;
  Bits in, out, reads, writes;
};

class Liveness {
 public:
  explicit Liveness(const Body& body) : body_(body), words_(body.registers.size() / 64 + 1) {
    split();
    solve();
  }

  std::vector<Interval> intervals() const {
    std::vector<Interval> result;
    for (std::size_t r = 0; r < body_.registers.size(); ++r) result.push_back({static_cast<int>(r)});
    for (const Span& span : spans_) {
      each(span.in, [&](std::size_t r) { result[r].cover(span.begin); });
      each(span.out, [&](std::size_t r) { result[r].cover(span.end); });
    }
    for (int i = 0; i < static_cast<int>(body_.statements.size()); ++i) {
      auto cover = [&](int reg) { result[static_cast<std::size_t>(reg)].cover(i); };
      eachRead(body_.statements[static_cast<std::size_t>(i)], cover);
      eachWritten(body_.statements[static_cast<std::size_t>(i)], cover);
    }
    return result;
  }

 private:
  void split() {
    int count = static_cast<int>(body_.statements.size());
    std::vector<char> leader(static_cast<std::size_t>(count) + 1, 0);
    leader[0] = 1;
    for (const auto& [label, at] : body_.labels) leader[at] = 1;
    for (int i = 0; i < count; ++i) {
      if (body_.statements[static_cast<std::size_t>(i)].opcode == "bra") leader[static_cast<std::size_t>(i) + 1] = 1;
    }
    std::vector<int> spanAt(static_cast<std::size_t>(count) + 1, -1);
    for (int i = 0; i < count; ++i) {
      if (leader[static_cast<std::size_t>(i)]) {
        spanAt[static_cast<std::size_t>(i)] = static_cast<int>(spans_.size());
        spans_.push_back({i, i, {}, Bits(words_), Bits(words_), Bits(words_), Bits(words_)});
      }
      spans_.back().end = i + 1;
    }
    for (std::size_t s = 0; s < spans_.size(); ++s) {
      Span& span = spans_[s];
      const Statement& last = body_.statements[static_cast<std::size_t>(span.end) - 1];
      auto add = [&](const std::string& label) {
        auto found = body_.labels.find(label);
        if (found == body_.labels.end()) throw Fault(last.line, "unknown label '" + label + "'");
        span.next.push_back(spanAt[found->second]);
      };
      if (last.opcode == "bra") add(last.operands[0].name);
      for (const std::string& target : last.targets) add(target);
      bool ends = last.guard < 0
          && (last.opcode == "bra" || last.opcode == "brx" || last.opcode == "ret" || last.opcode == "exit");
      if (!ends && s + 1 < spans_.size()) span.next.push_back(static_cast<int>(s + 1));
      for (int i = span.begin; i < span.end; ++i) {
        const Statement& statement = body_.statements[static_cast<std::size_t>(i)];
        eachRead(statement, [&](int reg) {
          if (!test(span.writes, reg)) set(span.reads, reg);
        });
        if (statement.guard < 0) eachWritten(statement, [&](int reg) { set(span.writes, reg); });
      }
    }
  }

  void solve() {
    for (bool changed = true; changed;) {
      changed = false;
      for (auto span = spans_.rbegin(); span != spans_.rend(); ++span) {
        for (std::size_t w = 0; w < words_; ++w) {
          std::uint64_t out = 0;
          for (int next : span->next) out |= spans_[static_cast<std::size_t>(next)].in[w];
          std::uint64_t in = span->reads[w] | (out & ~span->writes[w]);
          changed |= in != span->in[w];
          span->out[w] = out;
          span->in[w] = in;
        }
      }
    }
  }

  const Body& body_;
  std::size_t words_;
  std::vector<Span> spans_;
};

} // namespace

RegisterClass classOf(Type type) {
  if (type == Type::Pred) return RegisterClass::Predicate;
  return bytesOf(type) == 8 ? RegisterClass::Wide : RegisterClass::Narrow;
}

int slotBytes(RegisterClass registerClass) {
  switch (registerClass) {
    case RegisterClass::Predicate: return 4;
    case RegisterClass::Narrow: return 128;
    default: return 256;
  }
}

bool writesFirst(const Statement& statement) {
  static const std::set<std::string> silent = {"st", "red", "bra", "brx", "ret", "exit", "membar", "fence",
      "trap", "nanosleep", "prefetch", "__assertfail", "brkpt", "pmevent", "discard",
      "applypriority", "cp", "call"};
  if (statement.opcode == "bar" || statement.opcode == "barrier") {
    return std::find(statement.modifiers.begin(), statement.modifiers.end(), "red") != statement.modifiers.end();
  }
  return silent.count(statement.opcode) == 0;
}

Allocation allocateRegisters(const Body& body, int reserved) {
  Allocation result;
  result.offsets.assign(body.registers.size(), -1);
  std::vector<Interval> intervals = Liveness(body).intervals();
  std::sort(intervals.begin(), intervals.end(), [](const Interval& x, const Interval& y) { return x.from < y.from; });
  int base = reserved;
  for (RegisterClass kind : {RegisterClass::Predicate, RegisterClass::Narrow, RegisterClass::Wide}) {
    std::vector<int> freeSlots;
    std::multimap<int, int> busy; // end of life to slot
    int slots = 0;
    for (const Interval& interval : intervals) {
      auto reg = static_cast<std::size_t>(interval.reg);
      if (interval.from < 0 || classOf(body.registers[reg].type) != kind) continue;
      // A slot read last by an instruction may be written by it: every lane reads before it writes. Not so where
      // several rows are written one after the other, so lives must not even touch.
      while (!busy.empty() && busy.begin()->first < interval.from) {
        freeSlots.push_back(busy.begin()->second);
        busy.erase(busy.begin());
      }
      int slot;
      if (freeSlots.empty()) {
        slot = slots++;
      } else {
        slot = freeSlots.back();
        freeSlots.pop_back();
      }
      busy.emplace(interval.to, slot);
      result.offsets[reg] = base + slot * slotBytes(kind);
    }
    if (kind != RegisterClass::Predicate) result.liveWords += slots * slotBytes(kind) / 128;
    base += (slots * slotBytes(kind) + 63) / 64 * 64;
  }
  result.bytes = base;
  return result;
}

} // namespace softgpu::ptx
