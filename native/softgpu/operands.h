// Operands of PTX instructions, with the names that the scopes around them know.
#pragma once

#include "lexer.h"

#include <cstdlib>
#include <unordered_map>

namespace softgpu::ptx {

class OperandParser {
 protected:
  struct Scope {
    std::unordered_map<std::string, int> registers;
    std::unordered_map<std::string, std::string> symbols;
  };

  explicit OperandParser(const std::string& text) : lexer_(text) {}

  int findRegister(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      auto found = scope->registers.find(name);
      if (found != scope->registers.end()) return found->second;
    }
    return -1;
  }

  std::string findSymbol(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      auto found = scope->symbols.find(name);
      if (found != scope->symbols.end()) return found->second;
    }
    return name;
  }

  Operand operand() {
    Operand first = simpleOperand();
    if (!lexer_.accept('|')) return first;
    Operand pair;
    pair.kind = Operand::Vector;
    pair.dual = true;
    pair.parts = {std::move(first), simpleOperand()};
    return pair;
  }

  Operand simpleOperand() {
    Operand result;
    if (lexer_.accept('!')) {
      result = simpleOperand();
      result.negated = true;
    } else if (lexer_.accept('[')) {
      result = simpleOperand();
      if (result.kind == Operand::Integer) result.offset = static_cast<std::int64_t>(result.bits);
      if (result.kind != Operand::Register && result.kind != Operand::Symbol && result.kind != Operand::Integer) {
        lexer_.fail("expected an address");
      }
      if (result.kind == Operand::Register) addOffset(result);
      result.kind = Operand::Address;
      lexer_.expect(']');
    } else if (lexer_.accept('{')) {
      result.kind = Operand::Vector;
      while (!lexer_.accept('}')) {
        result.parts.push_back(simpleOperand());
        lexer_.accept(',');
      }
    } else if (lexer_.peek().kind == Token::Number || lexer_.at('-')) {
      result = literal();
    } else {
      named(result);
    }
    return result;
  }

  void named(Operand& result) {
    std::string name = lexer_.word();
    int reg = findRegister(name);
    if (reg >= 0) {
      result.kind = Operand::Register;
      result.reg = reg;
    } else if (name == "_") {
      result.kind = Operand::Sink;
    } else if (name[0] == '%') {
      result.kind = Operand::Special;
      result.name = name;
    } else if (name == "WARP_SZ") {
      result.kind = Operand::Integer;
      result.bits = 32;
    } else {
      result.kind = Operand::Symbol; // or a label: the decoder knows from the opcode
      result.name = findSymbol(name);
      addOffset(result);
    }
  }

  void addOffset(Operand& operand) {
    while (lexer_.at('+') || lexer_.at('-')) {
      bool minus = lexer_.next().text == "-";
      auto value = static_cast<std::int64_t>(number());
      operand.offset += minus ? -value : value;
    }
  }

  std::uint64_t number() {
    Operand value = literal();
    if (value.kind != Operand::Integer) lexer_.fail("expected an integer before");
    return value.bits;
  }

  Operand literal() {
    bool minus = lexer_.accept('-');
    if (lexer_.peek().kind != Token::Number) lexer_.fail("expected a number");
    std::string text(lexer_.next().text);
    Operand result;
    if (text.size() == 10 && text[0] == '0' && (text[1] == 'f' || text[1] == 'F')) {
      result.kind = Operand::Float32;
      result.bits = std::strtoull(text.c_str() + 2, nullptr, 16) ^ (minus ? 0x80000000u : 0);
    } else if (text.size() == 18 && text[0] == '0' && (text[1] == 'd' || text[1] == 'D')) {
      result.kind = Operand::Float64;
      result.bits = std::strtoull(text.c_str() + 2, nullptr, 16) ^ (minus ? std::uint64_t{1} << 63 : 0);
    } else if (text.find('.') != std::string::npos) {
      result.kind = Operand::Float64;
      double value = std::strtod(text.c_str(), nullptr) * (minus ? -1 : 1);
      std::memcpy(&result.bits, &value, 8);
    } else {
      result.kind = Operand::Integer;
      bool binary = text.size() > 2 && text[0] == '0' && (text[1] == 'b' || text[1] == 'B');
      result.bits = binary ? std::strtoull(text.c_str() + 2, nullptr, 2) : std::strtoull(text.c_str(), nullptr, 0);
      if (minus) result.bits = ~result.bits + 1;
    }
    return result;
  }

  Lexer lexer_;
  std::vector<Scope> scopes_;
};

} // namespace softgpu::ptx
