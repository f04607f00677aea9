// PTX as a syntax tree: what the parser makes of the text and the decoder turns into a Program.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace softgpu::ptx {

// A fault in the text, with its PTX line.
struct Fault : std::runtime_error {
  int line;
  Fault(int line, const std::string& text) : std::runtime_error(text), line(line) {}
};

enum class Type : std::uint8_t {
  None,
  Pred,
  B8,
  U8,
  S8,
  B16,
  U16,
  S16,
  F16,
  BF16,
  B32,
  U32,
  S32,
  F32,
  TF32,
  F16x2,
  BF16x2,
  B64,
  U64,
  S64,
  F64
};

Type typeOf(const std::string& name);      // "f32"; None where it is no type
const char* nameOf(Type type);
int bytesOf(Type type);                     // 0 for predicates
bool isFloat(Type type);
bool isSigned(Type type);

enum class Space : std::uint8_t { Generic, Global, Const, Shared, Local, Param, Register };

// A .cu position from .loc; file is an index of the module's files.
struct Location {
  int file = 0;
  int line = 0;
};

struct Operand {
  enum Kind : std::uint8_t { None, Register, Special, Integer, Float32, Float64, Symbol, Address, Vector, Label, Sink };
  Kind kind = None;
  bool negated = false;                     // !%p
  int reg = -1;                             // Register; Address with a register base
  std::uint64_t bits = 0;                   // Integer, Float32, Float64
  std::int64_t offset = 0;                  // Symbol, Address
  std::string name;                         // Special, Symbol, Label; Address with a symbol base
  std::vector<Operand> parts;               // Vector; the two halves of p|q stand here with kind Vector and dual set
  bool dual = false;
};

struct Statement {
  int line = 0;                             // in the PTX text
  Location location;
  int guard = -1;                           // register of @p
  bool guardNegated = false;
  std::string opcode;                       // "ld"
  std::vector<std::string> modifiers;       // "global", "nc", "f32"
  std::vector<Operand> operands;
  std::vector<std::string> targets;         // labels of a brx.idx table

  std::string fullName() const;
};

struct Variable {
  std::string name;
  Space space = Space::Global;
  Type type = Type::B8;
  std::size_t align = 1;
  std::size_t bytes = 0;
  bool external = false;
  std::vector<std::uint8_t> initial;        // empty: zeros
  struct Pointer {                          // an initialiser that is another symbol's address
    std::size_t offset;
    std::string symbol;
    std::int64_t addend;
    bool generic;
  };
  std::vector<Pointer> pointers;
  int line = 0;
};

struct Register {
  std::string name;
  Type type;
};

struct Body {
  std::string name;
  bool entry = false;
  bool external = false;                    // declared only
  int line = 0;
  std::vector<Variable> results;
  std::vector<Variable> parameters;
  std::vector<Register> registers;
  std::vector<Variable> variables;          // .local, .shared and .param of the body
  std::vector<Statement> statements;
  std::map<std::string, std::size_t> labels; // position in statements
  int maxThreads = 1024;
};

struct Tree {
  int version = 0;                          // 80 for 8.0
  int target = 0;                           // 75 for sm_75
  int addressSize = 64;
  std::map<int, std::string> files;
  std::vector<Variable> variables;
  std::vector<Body> bodies;
};

// Throws Fault. maxVersion: a newer .version is a VersionFault, found before anything else is read.
struct VersionFault : Fault {
  using Fault::Fault;
};
Tree parse(const std::string& text, int maxVersion);

} // namespace softgpu::ptx
