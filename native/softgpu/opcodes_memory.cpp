// Loads and stores of all state spaces, address conversion, prefetches.
#include "memory_access.h"

namespace softgpu {
namespace {

using ptx::Space;
using ptx::Type;

template <class M, class D>
inline D widen(M value) {
  if constexpr (std::is_signed_v<M>) {
    return static_cast<D>(static_cast<std::int64_t>(value));
  } else {
    return static_cast<D>(value);
  }
}

// M: what stands in memory, D: the slot, N: elements a lane.
template <class M, class D, int N>
void load(Warp& w, const Instruction& in, Mask mask) {
  constexpr std::size_t SIZE = sizeof(M) * N;
  D* rows[N];
  for (int k = 0; k < N; ++k) rows[k] = w.row<D>(N == 1 ? in.d : w.program().lists[static_cast<std::size_t>(in.d + k)]);
  bySpace(w, in, mask, [&](Space space, Mask lanes, const Address* addresses) {
    if (w.instrumented) {
      Mask allowed = inspect(w, in, lanes, space, accessOf(in), addresses, SIZE, nullptr);
      for (Mask m = lanes & ~allowed; m; m &= m - 1) {
        for (int k = 0; k < N; ++k) rows[k][__builtin_ctz(m)] = 0;
      }
      lanes = allowed;
      if (lanes == 0) return;
    }
    Window window = windowOf(w, space);
    if (!reachable(w, in, lanes, addresses, window, SIZE)) return;
    if (lanes == FULL && window.stride == 0) {
      Address first = addresses[0];
      bool consecutive = true;
      for (int i = 0; i < LANES; ++i) consecutive &= addresses[i] - first == static_cast<Address>(i) * SIZE;
      if (consecutive) {
        const auto* from = reinterpret_cast<const M*>(window.data + (first - window.start));
        for (int k = 0; k < N; ++k) {
          D* row = rows[k];
#pragma GCC ivdep
          for (int i = 0; i < LANES; ++i) row[i] = widen<M, D>(from[i * N + k]);
        }
        return;
      }
    }
    for (Mask m = lanes; m; m &= m - 1) {
      int i = __builtin_ctz(m);
      const auto* from = reinterpret_cast<const M*>(
          window.data + (addresses[i] - window.start) + window.stride * static_cast<std::size_t>(i));
      for (int k = 0; k < N; ++k) rows[k][i] = widen<M, D>(from[k]);
    }
  });
}

template <class M, class D, int N>
void storeLanes(Warp& w, const Instruction& in, Mask mask) {
  constexpr std::size_t SIZE = sizeof(M) * N;
  const D* rows[N];
  for (int k = 0; k < N; ++k)
    rows[k] = w.source<D>(N == 1 ? in.b : w.program().lists[static_cast<std::size_t>(in.b + k)]);
  bySpace(w, in, mask, [&](Space space, Mask lanes, const Address* addresses) {
    if (w.instrumented) {
      M values[LANES][N];
      for (int k = 0; k < N; ++k) {
        for (int i = 0; i < LANES; ++i) values[i][k] = static_cast<M>(rows[k][i]);
      }
      lanes =
          inspect(w, in, lanes, space, accessOf(in), addresses, SIZE, reinterpret_cast<const unsigned char*>(values));
      if (lanes == 0) return;
    }
    Window window = windowOf(w, space);
    if (!reachable(w, in, lanes, addresses, window, SIZE)) return;
    if (lanes == FULL && window.stride == 0) {
      Address first = addresses[0];
      bool consecutive = true;
      for (int i = 0; i < LANES; ++i) consecutive &= addresses[i] - first == static_cast<Address>(i) * SIZE;
      if (consecutive) {
        auto* to = reinterpret_cast<M*>(window.data + (first - window.start));
        for (int k = 0; k < N; ++k) {
          const D* row = rows[k];
#pragma GCC ivdep
          for (int i = 0; i < LANES; ++i) to[i * N + k] = static_cast<M>(row[i]);
        }
        return;
      }
    }
    for (Mask m = lanes; m; m &= m - 1) {
      int i = __builtin_ctz(m);
      auto* to = reinterpret_cast<M*>(
          window.data + (addresses[i] - window.start) + window.stride * static_cast<std::size_t>(i));
      for (int k = 0; k < N; ++k) to[k] = static_cast<M>(rows[k][i]);
    }
  });
}

// Kernel parameters are the same for all lanes.
template <class M, class D, int N>
void loadParameter(Warp& w, const Instruction& in, Mask mask) {
  const char* from = w.launch->parameters + in.imm;
  for (int k = 0; k < N; ++k) {
    M value;
    std::memcpy(&value, from + sizeof(M) * static_cast<std::size_t>(k), sizeof value);
    D wide = widen<M, D>(value);
    store(w.row<D>(N == 1 ? in.d : w.program().lists[static_cast<std::size_t>(in.d + k)]), mask,
        [=](int) { return wide; });
  }
}

enum Kind { LOAD, STORE, PARAMETER };

template <class M, class D, int N>
Handler pickKind(Kind kind) {
  switch (kind) {
    case LOAD: return load<M, D, N>;
    case STORE: return storeLanes<M, D, N>;
    default: return loadParameter<M, D, N>;
  }
}

template <class M, class D>
Handler pickCount(Kind kind, int count) {
  switch (count) {
    case 1: return pickKind<M, D, 1>(kind);
    case 2: return pickKind<M, D, 2>(kind);
    default: return sizeof(M) == 8 ? nullptr : pickKind<M, D, 4>(kind);
  }
}

template <class M>
Handler pickSlot(Kind kind, int count, bool wide) {
  return wide ? pickCount<M, std::uint64_t>(kind, count) : pickCount<M, std::uint32_t>(kind, count);
}

Handler pick(Kind kind, Type type, int count, bool wide) {
  switch (type) {
    case Type::B8: case Type::U8: return pickSlot<std::uint8_t>(kind, count, wide);
    case Type::S8: return pickSlot<std::int8_t>(kind, count, wide);
    case Type::B16: case Type::U16: case Type::F16: case Type::BF16: return pickSlot<std::uint16_t>(kind, count, wide);
    case Type::S16: return pickSlot<std::int16_t>(kind, count, wide);
    case Type::B32: case Type::U32: case Type::F32: case Type::F16x2: return pickSlot<std::uint32_t>(kind, count, wide);
    case Type::S32: return pickSlot<std::int32_t>(kind, count, wide);
    case Type::B64:
    case Type::U64:
    case Type::S64:
    case Type::F64: return wide ? pickCount<std::uint64_t, std::uint64_t>(kind, count) : nullptr;
    default: return nullptr;
  }
}

// Cache hints change nothing here. Volatile and relaxed accesses order blocks as atomics do.
Access takeAccess(Builder& b, bool isLoad) {
  bool strong = false;
  for (const char* word : {"volatile", "relaxed", "acquire", "release", "mmio"}) strong |= b.take(word);
  for (const char* scope : {"cta", "cluster", "gpu", "sys", "weak"}) b.take(scope);
  for (const char* hint : {"ca", "cg", "cs", "lu", "cv", "wb", "wt", "unified"}) b.take(hint);
  for (const std::string& word : b.rest()) {
    if (word.rfind("L1::", 0) == 0 || word.rfind("L2::", 0) == 0) b.take(word.c_str());
  }
  bool readOnly = b.take("nc");
  if (!isLoad) return strong ? Access::StoreVolatile : Access::Store;
  return readOnly ? Access::LoadReadOnly : strong ? Access::LoadVolatile : Access::Load;
}

// Rows of the values: one, or a list of them.
int valueRows(Builder& b, const ptx::Operand& operand, int count, bool isLoad, bool& wide, std::int32_t& field) {
  std::vector<ptx::Operand> parts =
      operand.kind == ptx::Operand::Vector ? operand.parts : std::vector<ptx::Operand>{operand};
  if (static_cast<int>(parts.size()) != count) b.fail("the vector has another size");
  wide = ptx::bytesOf(b.type()) == 8;
  for (const auto& part : parts) {
    if (part.kind == ptx::Operand::Register) wide = b.isWide(part);
  }
  Type slot = wide ? Type::B64 : Type::B32;
  std::vector<std::int32_t> rows;
  for (const auto& part : parts) {
    if (isLoad) {
      rows.push_back(b.destination(part, slot));
    } else {
      rows.push_back(b.source(part, b.type() == Type::F32 || b.type() == Type::F64 ? b.type() : slot));
    }
  }
  field = count == 1 ? rows[0] : b.list(rows);
  return count;
}

int takeCount(Builder& b) { return b.take("v2") ? 2 : b.take("v4") ? 4 : 1; }

void buildLoad(Builder& b) {
  b.operands(2);
  Access access = takeAccess(b, true);
  Space space = b.takeSpace();
  int count = takeCount(b);
  bool wide;
  valueRows(b, b.operand(0), count, true, wide, b.out.d);
  const ptx::Operand& address = b.operand(1);
  if (space == Space::Param && address.reg < 0 && b.symbol(address.name).space == Space::Param) {
    b.out.imm = static_cast<std::int64_t>(b.symbol(address.name).value) + address.offset;
    std::size_t bytes = static_cast<std::size_t>(ptx::bytesOf(b.type()) * count);
    if (b.out.imm < 0 || static_cast<std::size_t>(b.out.imm) + bytes > b.program().parameterBytes)
      b.fail("outside the parameters");
    b.out.run = pick(PARAMETER, b.type(), count, wide);
  } else {
    addressOperand(b, address, space, access);
    b.out.run = pick(LOAD, b.type(), count, wide);
  }
}

void buildStore(Builder& b) {
  b.operands(2);
  Access access = takeAccess(b, false);
  Space space = b.takeSpace();
  int count = takeCount(b);
  bool wide;
  addressOperand(b, b.operand(0), space, access);
  valueRows(b, b.operand(1), count, false, wide, b.out.b);
  b.out.run = pick(STORE, b.type(), count, wide);
}

// imm is added to (or, for cvta.to, taken off) the address.
void convertAddress(Warp& w, const Instruction& in, Mask mask) {
  const auto* a = w.source<std::uint64_t>(in.a);
  auto window = static_cast<Address>(in.imm);
  store(w.row<std::uint64_t>(in.d), mask, [=](int i) { return a[i] + window; });
}

Address windowTag(Builder& b, Space space) {
  switch (space) {
    case Space::Shared: return SHARED_WINDOW;
    case Space::Local: return LOCAL_WINDOW;
    case Space::Param: return PARAM_WINDOW;
    case Space::Global: case Space::Const: return 0;
    default: b.fail("wanted a state space");
  }
}

void buildCvta(Builder& b) {
  b.operands(2);
  bool to = b.take("to");
  Address tag = windowTag(b, b.takeSpace());
  b.out.d = b.destination(0, b.type());
  b.out.a = b.source(1, b.type());
  b.out.imm = static_cast<std::int64_t>(to ? ~tag + 1 : tag);
  b.out.run = convertAddress;
}

void isInSpace(Warp& w, const Instruction& in, Mask mask) {
  const auto* a = w.source<std::uint64_t>(in.a);
  Mask result = gather([=](int i) { return a[i] >> WINDOW_SHIFT == in.info; });
  Mask& d = w.predicate(in.d);
  d = (d & ~mask) | (result & mask);
}

void buildIsspacep(Builder& b) {
  b.operands(2);
  b.out.d = b.predicateDestination(b.operand(0));
  b.out.a = b.source(1, Type::B64);
  b.out.info = static_cast<std::uint32_t>(windowTag(b, b.takeSpace()) >> WINDOW_SHIFT);
  b.out.run = isInSpace;
}

void nothing(Warp&, const Instruction&, Mask) {}

void buildPrefetch(Builder& b) {
  b.takeSpace();
  for (const char* word : {"L1", "L2", "L2::evict_last", "L2::evict_normal"}) b.take(word);
  b.out.run = nothing;
}

} // namespace

void addMemoryOpcodes(std::vector<Opcode>& table) {
  const std::vector<Type> types = {Type::B8, Type::U8, Type::S8, Type::B16, Type::U16, Type::S16, Type::B32, Type::U32,
      Type::S32, Type::F32, Type::B64, Type::U64, Type::S64, Type::F64};
  table.insert(table.end(),
      {{"ld", types, buildLoad}, {"st", types, buildStore}, {"cvta", {Type::U64}, buildCvta},
          {"isspacep", {}, buildIsspacep}, {"prefetch", {}, buildPrefetch}});
}

} // namespace softgpu
