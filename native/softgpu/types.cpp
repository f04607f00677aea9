// PTX types by name.
#include "ptx.h"

namespace softgpu::ptx {
namespace {

struct TypeName {
  const char* name;
  Type type;
  int bytes;
};

const TypeName TYPES[] = {{"pred", Type::Pred, 0}, {"b8", Type::B8, 1}, {"u8", Type::U8, 1}, {"s8", Type::S8, 1},
    {"b16", Type::B16, 2}, {"u16", Type::U16, 2}, {"s16", Type::S16, 2}, {"f16", Type::F16, 2}, {"bf16", Type::BF16, 2},
    {"b32", Type::B32, 4}, {"u32", Type::U32, 4}, {"s32", Type::S32, 4}, {"f32", Type::F32, 4}, {"tf32", Type::TF32, 4},
    {"f16x2", Type::F16x2, 4}, {"bf16x2", Type::BF16x2, 4}, {"b64", Type::B64, 8}, {"u64", Type::U64, 8},
    {"s64", Type::S64, 8}, {"f64", Type::F64, 8}};

} // namespace

Type typeOf(const std::string& name) {
  for (const TypeName& type : TYPES) {
    if (name == type.name) return type.type;
  }
  return Type::None;
}

const char* nameOf(Type type) {
  for (const TypeName& entry : TYPES) {
    if (type == entry.type) return entry.name;
  }
  return "none";
}

int bytesOf(Type type) {
  for (const TypeName& entry : TYPES) {
    if (type == entry.type) return entry.bytes;
  }
  return 0;
}

bool isFloat(Type type) {
  switch (type) {
    case Type::F16:
    case Type::BF16:
    case Type::F32:
    case Type::TF32:
    case Type::F16x2:
    case Type::BF16x2:
    case Type::F64: return true;
    default: return false;
  }
}

bool isSigned(Type type) { return type == Type::S8 || type == Type::S16 || type == Type::S32 || type == Type::S64; }

std::string Statement::fullName() const {
  std::string name = opcode;
  for (const std::string& modifier : modifiers) name += "." + modifier;
  return name;
}

} // namespace softgpu::ptx
