// Atomics. Kernels that have global ones run on one host thread, lanes in ascending order, so that results are the same
// each time.
#include "float_math.h"
#include "memory_access.h"

#include <algorithm>

namespace softgpu {
namespace {

using ptx::Space;
using ptx::Type;

enum Operation { AND, OR, XOR, EXCHANGE, CAS, ADD, INC, DEC, MIN, MAX };

const std::initializer_list<const char*> OPERATIONS = {
    "and", "or", "xor", "exch", "cas", "add", "inc", "dec", "min", "max"};

template <Operation OP, class T>
inline T combine(T old, T b, T c, bool flushes) {
  if constexpr (OP == ADD) {
    if constexpr (std::is_same_v<T, float>) {
      return flushes ? flush<true>(flush<true>(old) + flush<true>(b)) : old + b;
    } else if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(static_cast<std::make_unsigned_t<T>>(old) + static_cast<std::make_unsigned_t<T>>(b));
    } else {
      return old + b;
    }
  } else if constexpr (OP == EXCHANGE) {
    return b;
  } else if constexpr (OP == CAS) {
    return old == b ? c : old;
  } else if constexpr (OP == MIN) {
    return std::min(old, b);
  } else if constexpr (OP == MAX) {
    return std::max(old, b);
  } else if constexpr (std::is_integral_v<T>) {
    if (OP == AND) return old & b;
    if (OP == OR) return old | b;
    if (OP == XOR) return old ^ b;
    if (OP == INC) return old >= b ? T{0} : static_cast<T>(old + 1);
    return old == 0 || old > b ? b : static_cast<T>(old - 1);
  } else {
    return old;
  }
}

// in.e: 1 where the old value is wanted.
template <Operation OP, class T>
void atomic(Warp& w, const Instruction& in, Mask mask) {
  bySpace(w, in, mask, [&](Space space, Mask lanes, const Address* addresses) {
    if (w.instrumented) lanes = inspect(w, in, lanes, space, Access::Atomic, addresses, sizeof(T), nullptr);
    if (lanes == 0) return;
    Window window = windowOf(w, space);
    if (!reachable(w, in, lanes, addresses, window, sizeof(T))) return;
    const auto* b = w.source<Slot<T>>(in.b);
    const auto* c = w.source<Slot<T>>(in.c);
    bool flushes = space == Space::Global;
    for (Mask m = lanes; m; m &= m - 1) {
      int i = __builtin_ctz(m);
      auto* at = reinterpret_cast<T*>(
          window.data + (addresses[i] - window.start) + window.stride * static_cast<std::size_t>(i));
      T old = *at;
      *at = combine<OP, T>(old, get<T>(b[i]), get<T>(c[i]), flushes);
      if (in.e) w.row<Slot<T>>(in.d)[i] = put<T>(old);
    }
  });
}

template <class T>
Handler pickBits(int operation) {
  switch (operation) {
    case AND: return atomic<AND, T>;
    case OR: return atomic<OR, T>;
    case XOR: return atomic<XOR, T>;
    case EXCHANGE: return atomic<EXCHANGE, T>;
    case CAS: return atomic<CAS, T>;
    case ADD: return atomic<ADD, T>;
    case INC: return atomic<INC, T>;
    case DEC: return atomic<DEC, T>;
    case MIN: return atomic<MIN, T>;
    default: return atomic<MAX, T>;
  }
}

Handler pick(int operation, Type type) {
  bool logic = operation <= CAS;
  bool wrapping = operation == INC || operation == DEC;
  switch (type) {
    case Type::B16: return operation == CAS ? atomic<CAS, std::uint16_t> : nullptr;
    case Type::B32: return logic ? pickBits<std::uint32_t>(operation) : nullptr;
    case Type::B64: return logic ? pickBits<std::uint64_t>(operation) : nullptr;
    case Type::U32: return logic ? nullptr : pickBits<std::uint32_t>(operation);
    case Type::S32: return logic || wrapping ? nullptr : pickBits<std::int32_t>(operation);
    case Type::U64: return logic || wrapping ? nullptr : pickBits<std::uint64_t>(operation);
    case Type::S64: return operation == MIN || operation == MAX ? pickBits<std::int64_t>(operation) : nullptr;
    case Type::F32: return operation == ADD ? atomic<ADD, float> : nullptr;
    case Type::F64: return operation == ADD ? atomic<ADD, double> : nullptr;
    default: return nullptr;
  }
}

// The table's name has taken the modifier already.
int operationOf(const Builder& b) {
  int index = 0;
  for (const char* name : OPERATIONS) {
    for (const std::string& modifier : b.statement().modifiers) {
      if (modifier == name) return index;
    }
    ++index;
  }
  b.fail("wanted an operation");
}

void buildWith(Builder& b, bool wantsOld) {
  for (const char* word : {"relaxed", "acquire", "release", "acq_rel", "cta", "cluster", "gpu", "sys", "noftz"})
    b.take(word);
  Space space = b.takeSpace();
  int operation = operationOf(b);
  std::size_t first = wantsOld ? 1 : 0;
  b.operands(first + (operation == CAS ? 3 : 2));
  if (wantsOld) b.out.d = b.destination(0, b.type());
  addressOperand(b, b.operand(first), space, Access::Atomic);
  b.out.b = b.source(first + 1, b.type());
  b.out.c = operation == CAS ? b.source(first + 2, b.type()) : b.out.b;
  b.out.e = wantsOld && b.operand(0).kind != ptx::Operand::Sink;
  b.out.run = pick(operation, b.type());
  if (space != Space::Shared) b.program().globalAtomics = true;
}

void buildAtom(Builder& b) { buildWith(b, true); }

void buildRed(Builder& b) { buildWith(b, false); }

} // namespace

void addAtomicOpcodes(std::vector<Opcode>& table) {
  const std::vector<Type> bitTypes = {Type::B32, Type::B64};
  const std::vector<Type> ordered = {Type::U32, Type::S32, Type::U64, Type::S64};
  const std::vector<Type> sums = {Type::U32, Type::S32, Type::U64, Type::F32, Type::F64};
  for (auto build : {buildAtom, buildRed}) {
    bool old = build == buildAtom;
    auto name = [old](const char* atom, const char* red) { return old ? atom : red; };
    table.insert(table.end(),
        {{name("atom.and", "red.and"), bitTypes, build}, {name("atom.or", "red.or"), bitTypes, build},
            {name("atom.xor", "red.xor"), bitTypes, build}, {name("atom.add", "red.add"), sums, build},
            {name("atom.inc", "red.inc"), {Type::U32}, build}, {name("atom.dec", "red.dec"), {Type::U32}, build},
            {name("atom.min", "red.min"), ordered, build}, {name("atom.max", "red.max"), ordered, build}});
  }
  table.insert(
      table.end(), {{"atom.exch", bitTypes, buildAtom}, {"atom.cas", {Type::B16, Type::B32, Type::B64}, buildAtom}});
}

} // namespace softgpu
