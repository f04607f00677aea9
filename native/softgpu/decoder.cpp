// Statements become instructions.
#include "decoder.h"

#include <algorithm>
#include <set>

namespace softgpu {
namespace {

using ptx::Operand;
using ptx::RegisterClass;
using ptx::Space;
using ptx::Statement;
using ptx::Type;

constexpr int GUARD_BYTES = 64; // the predicate that is always true, alone in its line
constexpr int CONSTANT_BIAS = 64;

const std::map<std::string, SpecialRegister>& specialRegisters() {
  using S = SpecialRegister;
  static const std::map<std::string, SpecialRegister> names = {{"%tid.x", S::TidX}, {"%tid.y", S::TidY},
      {"%tid.z", S::TidZ}, {"%ntid.x", S::NtidX}, {"%ntid.y", S::NtidY}, {"%ntid.z", S::NtidZ}, {"%ctaid.x", S::CtaidX},
      {"%ctaid.y", S::CtaidY}, {"%ctaid.z", S::CtaidZ}, {"%nctaid.x", S::NctaidX}, {"%nctaid.y", S::NctaidY},
      {"%nctaid.z", S::NctaidZ}, {"%laneid", S::LaneId}, {"%warpid", S::WarpId}, {"%nwarpid", S::NwarpId},
      {"%smid", S::SmId}, {"%nsmid", S::NsmId}, {"%gridid", S::GridId}, {"%lanemask_eq", S::LanemaskEq},
      {"%lanemask_lt", S::LanemaskLt}, {"%lanemask_le", S::LanemaskLe}, {"%lanemask_gt", S::LanemaskGt},
      {"%lanemask_ge", S::LanemaskGe}, {"%dynamic_smem_size", S::DynamicSharedBytes},
      {"%total_smem_size", S::TotalSharedBytes}};
  return names;
}

// Modifiers that look like types but belong to the opcode do not exist; so every type word is a type.
bool matches(const Opcode& opcode, const Statement& statement) {
  std::string name = opcode.name;
  std::size_t dot = name.find('.');
  if (statement.opcode != name.substr(0, dot)) return false;
  while (dot != std::string::npos) {
    std::size_t end = name.find('.', dot + 1);
    std::string part = name.substr(dot + 1, end == std::string::npos ? end : end - dot - 1);
    if (std::find(statement.modifiers.begin(), statement.modifiers.end(), part) == statement.modifiers.end())
      return false;
    dot = end;
  }
  return true;
}

std::string usedName(const Opcode& opcode, Type type) {
  return opcode.types.empty() ? opcode.name : std::string(opcode.name) + "." + ptx::nameOf(type);
}

const Opcode* lookup(const Statement& statement, Type type) {
  const Opcode* best = nullptr;
  for (const Opcode& opcode : opcodeTable()) {
    if (!matches(opcode, statement)) continue;
    if (!opcode.types.empty() && std::find(opcode.types.begin(), opcode.types.end(), type) == opcode.types.end())
      continue;
    if (!best || std::strlen(opcode.name) > std::strlen(best->name)) best = &opcode;
  }
  return best;
}

} // namespace

Encoder::Encoder(const ptx::Body& body, Program& program, const std::map<std::string, SymbolPlace>& symbols)
    : body_(body), program_(program), symbols_(symbols), allocation_(ptx::allocateRegisters(body, GUARD_BYTES)) {
  program_.registerBytes = static_cast<std::size_t>(allocation_.bytes);
}

void Encoder::encode() {
  std::set<std::string> used;
  for (const Statement& statement : body_.statements) {
    Builder builder(*this, statement);
    const Opcode*& opcode = known_[statement.fullName()];
    if (!opcode) opcode = lookup(statement, builder.type());
    if (!opcode) throw ptx::Fault(statement.line, "unknown opcode '" + statement.fullName() + "'");
    for (const char* dot = std::strchr(opcode->name, '.'); dot; dot = std::strchr(dot + 1, '.')) {
      const char* end = std::strchr(dot + 1, '.');
      builder.take(std::string(dot + 1, end ? static_cast<std::size_t>(end - dot - 1) : std::strlen(dot + 1)).c_str());
    }
    opcode->build(builder);
    used.insert(usedName(*opcode, builder.type()));
    program_.code.push_back(builder.finish());
    program_.lines.push_back({statement.line, statement.location.file, statement.location.line});
    program_.floatOperations.push_back(builder.floatOperations);
    program_.texts.push_back(statement.fullName());
  }
  used_.assign(used.begin(), used.end());
}

std::int32_t Encoder::constantRow(std::uint64_t bits, bool wide) {
  auto [found, fresh] = constants_.emplace(std::make_pair(bits, wide), 0);
  if (fresh) {
    auto& pool = program_.constants;
    std::size_t at = (pool.size() + 63) / 64 * 64;
    pool.resize(at + (wide ? 256 : 128));
    for (int i = 0; i < LANES; ++i) {
      if (wide) {
        std::memcpy(pool.data() + at + i * 8, &bits, 8);
      } else {
        std::memcpy(pool.data() + at + i * 4, &bits, 4);
      }
    }
    found->second = -static_cast<std::int32_t>(at) - CONSTANT_BIAS;
  }
  return found->second;
}

std::int32_t Encoder::constantMask(bool value) { return constantRow(value ? 0xffffffffu : 0, false); }

std::int32_t Encoder::specialRow(SpecialRegister which) {
  auto [found, fresh] = specials_.emplace(static_cast<int>(which), 0);
  if (fresh) {
    bool wide = which == SpecialRegister::GridId;
    found->second = static_cast<std::int32_t>(program_.registerBytes);
    program_.registerBytes += wide ? 256 : 128;
    program_.specials.emplace_back(which, found->second);
  }
  return found->second;
}

std::int32_t Encoder::scratchRow(RegisterClass kind) {
  auto [found, fresh] = scratch_.emplace(static_cast<int>(kind), 0);
  if (fresh) {
    found->second = static_cast<std::int32_t>(program_.registerBytes);
    program_.registerBytes += kind == RegisterClass::Wide ? 256 : 128;
  }
  return found->second;
}

std::int32_t Encoder::namedRow(std::int32_t& offset, std::size_t bytes) {
  if (offset < 0) {
    offset = static_cast<std::int32_t>(program_.registerBytes);
    program_.registerBytes += bytes;
  }
  return offset;
}

Builder::Builder(Encoder& encoder, const Statement& statement) : encoder_(encoder), statement_(statement) {
  for (const std::string& modifier : statement.modifiers) {
    Type type = ptx::typeOf(modifier);
    if (type != Type::None) {
      types_.push_back(type);
    } else {
      left_.push_back(modifier);
    }
  }
  if (statement.guard >= 0) {
    if (encoder.body_.registers[static_cast<std::size_t>(statement.guard)].type != Type::Pred)
      fail("a guard must be a predicate");
    out.guard = encoder.allocation_.offsets[static_cast<std::size_t>(statement.guard)];
    out.flip = statement.guardNegated ? FULL : 0;
  }
}

bool Builder::take(const char* modifier) {
  auto found = std::find(left_.begin(), left_.end(), modifier);
  if (found == left_.end()) return false;
  left_.erase(found);
  return true;
}

bool Builder::has(const char* modifier) const { return std::find(left_.begin(), left_.end(), modifier) != left_.end(); }

int Builder::takeOneOf(std::initializer_list<const char*> modifiers) {
  int index = 0;
  for (const char* modifier : modifiers) {
    if (take(modifier)) return index;
    ++index;
  }
  return -1;
}

Space Builder::takeSpace() {
  if (take("global")) return Space::Global;
  if (take("shared") || take("shared::cta")) return Space::Shared;
  if (take("local")) return Space::Local;
  if (take("const")) return Space::Const;
  if (take("param") || take("param::entry") || take("param::func")) return Space::Param;
  return Space::Generic;
}

std::vector<std::string> Builder::rest() const { return left_; }

const Operand& Builder::operand(std::size_t i) const {
  if (i >= statement_.operands.size()) fail("an operand is missing");
  return statement_.operands[i];
}

void Builder::operands(std::size_t count) const { operands(count, count); }

void Builder::operands(std::size_t least, std::size_t most) const {
  std::size_t count = statement_.operands.size();
  if (count < least || count > most) fail("wrong number of operands: " + std::to_string(count));
}

std::int32_t Builder::destination(std::size_t i, Type type) { return destination(operand(i), type); }

std::int32_t Builder::destination(const Operand& operand, Type type) {
  if (operand.kind == Operand::Sink) return scratch(type);
  if (operand.kind != Operand::Register) fail("the destination must be a register");
  auto reg = static_cast<std::size_t>(operand.reg);
  if (ptx::classOf(encoder_.body_.registers[reg].type) != ptx::classOf(type)) {
    fail("register " + encoder_.body_.registers[reg].name + " is of another size than ." + ptx::nameOf(type));
  }
  return encoder_.allocation_.offsets[reg];
}

std::int32_t Builder::source(std::size_t i, Type type) { return source(operand(i), type); }

std::int32_t Builder::source(const Operand& operand, Type type) {
  bool wide = ptx::classOf(type) == RegisterClass::Wide;
  switch (operand.kind) {
    case Operand::Register: return destination(operand, type);
    case Operand::Integer: return encoder_.constantRow(wide ? operand.bits : operand.bits & 0xffffffffu, wide);
    case Operand::Float32:
      if (wide) {
        return encoder_.constantRow(
            bits<std::uint64_t>(static_cast<double>(bits<float>(static_cast<std::uint32_t>(operand.bits)))), true);
      }
      return encoder_.constantRow(operand.bits, false);
    case Operand::Float64:
      if (!wide) {
        return encoder_.constantRow(bits<std::uint32_t>(static_cast<float>(bits<double>(operand.bits))), false);
      }
      return encoder_.constantRow(operand.bits, true);
    case Operand::Special: {
      auto found = specialRegisters().find(operand.name);
      if (found == specialRegisters().end()) fail("unknown register '" + operand.name + "'");
      if ((found->second == SpecialRegister::GridId) != wide) fail("register " + operand.name + " is of another size");
      return encoder_.specialRow(found->second);
    }
    case Operand::Symbol: {
      const SymbolPlace& place = symbol(operand.name);
      return encoder_.constantRow(place.value + static_cast<std::uint64_t>(operand.offset), wide);
    }
    default: fail("an operand of this kind is not possible here");
  }
}

std::int32_t Builder::predicateDestination(const Operand& operand) {
  if (operand.kind == Operand::Sink) return encoder_.scratchRow(RegisterClass::Predicate);
  if (operand.kind != Operand::Register) fail("the destination must be a predicate");
  auto reg = static_cast<std::size_t>(operand.reg);
  if (encoder_.body_.registers[reg].type != Type::Pred) fail("the destination must be a predicate");
  return encoder_.allocation_.offsets[reg];
}

std::int32_t Builder::predicateSource(const Operand& operand, bool& negated) {
  negated = operand.negated;
  if (operand.kind == Operand::Integer) return encoder_.constantMask(operand.bits != 0);
  return predicateDestination(operand);
}

std::uint64_t Builder::integer(std::size_t i) const {
  if (!isInteger(i)) fail("operand " + std::to_string(i + 1) + " must be a number");
  return operand(i).bits;
}

bool Builder::isWide(const Operand& operand) const {
  if (operand.reg < 0) return true;
  return ptx::classOf(encoder_.body_.registers[static_cast<std::size_t>(operand.reg)].type) == RegisterClass::Wide;
}

std::int32_t Builder::scratch(Type type) { return encoder_.scratchRow(ptx::classOf(type)); }

std::int32_t Builder::list(const std::vector<std::int32_t>& rows) {
  auto& lists = encoder_.program_.lists;
  auto at = static_cast<std::int32_t>(lists.size());
  lists.insert(lists.end(), rows.begin(), rows.end());
  return at;
}

std::uint32_t Builder::label(const std::string& name) const {
  auto found = encoder_.body_.labels.find(name);
  if (found == encoder_.body_.labels.end()) fail("unknown label '" + name + "'");
  return static_cast<std::uint32_t>(found->second);
}

const SymbolPlace& Builder::symbol(const std::string& name) const {
  auto found = encoder_.symbols_.find(name);
  if (found == encoder_.symbols_.end()) fail("unknown symbol '" + name + "'");
  return found->second;
}

void Builder::fail(const std::string& text) const {
  throw ptx::Fault(statement_.line, statement_.fullName() + ": " + text);
}

Instruction Builder::finish() {
  if (!left_.empty()) fail("unknown modifier '." + left_.front() + "'");
  if (!out.run) fail("this form is not supported");
  return out;
}

const std::vector<Opcode>& opcodeTable() {
  static const std::vector<Opcode> table = [] {
    std::vector<Opcode> lines;
    addIntegerOpcodes(lines);
    addBitOpcodes(lines);
    addMoveOpcodes(lines);
    addFloatOpcodes(lines);
    addApproximateOpcodes(lines);
    addCompareOpcodes(lines);
    addConvertOpcodes(lines);
    addMemoryOpcodes(lines);
    addAtomicOpcodes(lines);
    addWarpOpcodes(lines);
    addControlOpcodes(lines);
    return lines;
  }();
  return table;
}

std::vector<std::string> knownOpcodes() {
  std::vector<std::string> names;
  for (const Opcode& opcode : opcodeTable()) {
    if (opcode.types.empty()) names.push_back(opcode.name);
    for (Type type : opcode.types) names.push_back(usedName(opcode, type));
  }
  std::sort(names.begin(), names.end());
  return names;
}

} // namespace softgpu
