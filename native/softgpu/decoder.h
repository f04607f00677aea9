// From statements to instructions: operands become row offsets, and the opcode table chooses the handler.
#pragma once

#include "flatten.h"
#include "lanes.h"
#include "program.h"

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace softgpu {

struct Opcode;

// Where a variable stands: an offset in shared, local or parameter space, or a device address.
struct SymbolPlace {
  ptx::Space space;
  std::uint64_t value;
};

// What all statements of one kernel share.
class Encoder {
 public:
  Encoder(const ptx::Body& body, Program& program, const std::map<std::string, SymbolPlace>& symbols);

  void encode();
  const std::vector<std::string>& opcodes() const { return used_; }
  int liveWords() const { return allocation_.liveWords; }

 private:
  friend class Builder;

  std::int32_t constantRow(std::uint64_t bits, bool wide);
  std::int32_t constantMask(bool value);
  std::int32_t specialRow(SpecialRegister which);
  std::int32_t scratchRow(ptx::RegisterClass kind);
  std::int32_t namedRow(std::int32_t& offset, std::size_t bytes); // made at its first use

  const ptx::Body& body_;
  Program& program_;
  const std::map<std::string, SymbolPlace>& symbols_;
  ptx::Allocation allocation_;
  std::map<std::pair<std::uint64_t, bool>, std::int32_t> constants_;
  std::map<int, std::int32_t> specials_;
  std::map<int, std::int32_t> scratch_;
  std::int32_t carry_ = -1, second_ = -1;
  std::unordered_map<std::string, const Opcode*> known_;
  std::vector<std::string> used_;
};

// One statement while its instruction is put together. Modifiers are taken one by one; what is left over in the end, or
// an operand too many, is an error.
class Builder {
 public:
  Builder(Encoder& encoder, const ptx::Statement& statement);

  ptx::Type type() const { return types_.empty() ? ptx::Type::None : types_.front(); }   // the first type
  ptx::Type secondType() const { return types_.size() > 1 ? types_[1] : type(); }
  std::size_t typeCount() const { return types_.size(); }

  bool take(const char* modifier);             // whether the modifier stands there, which is then done with
  bool has(const char* modifier) const;
  int takeOneOf(std::initializer_list<const char*> modifiers); // index of the one that stands there; -1: none
  ptx::Space takeSpace();
  std::vector<std::string> rest() const;       // modifiers not taken yet

  std::size_t operandCount() const { return statement_.operands.size(); }
  const ptx::Operand& operand(std::size_t i) const;
  void operands(std::size_t count) const;      // fails for another number
  void operands(std::size_t least, std::size_t most) const;
  bool isPair(std::size_t i) const { return operand(i).kind == ptx::Operand::Vector && operand(i).dual; }

  std::int32_t destination(std::size_t i, ptx::Type type);
  std::int32_t destination(const ptx::Operand& operand, ptx::Type type);
  std::int32_t source(std::size_t i, ptx::Type type);
  std::int32_t source(const ptx::Operand& operand, ptx::Type type);
  std::int32_t predicateDestination(const ptx::Operand& operand);
  std::int32_t predicateSource(const ptx::Operand& operand, bool& negated);
  std::uint64_t integer(std::size_t i) const;  // an operand that must be a literal
  bool isInteger(std::size_t i) const { return operand(i).kind == ptx::Operand::Integer; }
  bool isWide(const ptx::Operand& operand) const; // a 64-bit register, or a literal
  std::int32_t scratch(ptx::Type type);        // a row for results that nobody reads
  std::int32_t secondScratch() { return encoder_.namedRow(encoder_.second_, 128); } // another narrow one
  std::int32_t constant(std::uint64_t bits, bool wide) { return encoder_.constantRow(bits, wide); }
  std::int32_t carry() { return encoder_.namedRow(encoder_.carry_, 64); } // the carry bits of the lanes
  std::int32_t list(const std::vector<std::int32_t>& rows);
  std::uint32_t label(const std::string& name) const;
  const SymbolPlace& symbol(const std::string& name) const;
  const ptx::Statement& statement() const { return statement_; }
  Program& program() { return encoder_.program_; }

  [[noreturn]] void fail(const std::string& text) const;

  Instruction out;
  int floatOperations = 0;

  Instruction finish();

 private:
  Encoder& encoder_;
  const ptx::Statement& statement_;
  std::vector<ptx::Type> types_;
  std::vector<std::string> left_;
};

// A line of the opcode table. name: the opcode, or the opcode with the modifier that makes it another one ("mul.wide").
// types: of the first type modifier; empty: none, or none that matters.
struct Opcode {
  const char* name;
  std::vector<ptx::Type> types;
  void (*build)(Builder&);
};

const std::vector<Opcode>& opcodeTable();
// The lines of each file of opcodes.
void addIntegerOpcodes(std::vector<Opcode>& table);
void addBitOpcodes(std::vector<Opcode>& table);
void addMoveOpcodes(std::vector<Opcode>& table);
void addFloatOpcodes(std::vector<Opcode>& table);
void addApproximateOpcodes(std::vector<Opcode>& table);
void addCompareOpcodes(std::vector<Opcode>& table);
void addConvertOpcodes(std::vector<Opcode>& table);
void addMemoryOpcodes(std::vector<Opcode>& table);
void addAtomicOpcodes(std::vector<Opcode>& table);
void addWarpOpcodes(std::vector<Opcode>& table);
void addControlOpcodes(std::vector<Opcode>& table);

// Handler<T>::pick: chooses F<T> by type among integer widths.
template <template <class> class F>
Handler pickInteger(ptx::Type type) {
  using ptx::Type;
  switch (type) {
    case Type::U16: case Type::B16: return F<std::uint16_t>::run;
    case Type::S16: return F<std::int16_t>::run;
    case Type::U32: case Type::B32: return F<std::uint32_t>::run;
    case Type::S32: return F<std::int32_t>::run;
    case Type::U64: case Type::B64: return F<std::uint64_t>::run;
    case Type::S64: return F<std::int64_t>::run;
    default: return nullptr;
  }
}

} // namespace softgpu
