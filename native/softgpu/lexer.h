// The words of a PTX text.
#pragma once

#include "ptx.h"

#include <cctype>
#include <cstring>
#include <string>
#include <string_view>

namespace softgpu::ptx {

struct Token {
  enum Kind : std::uint8_t { End, Word, Number, String, Mark };
  Kind kind = End;
  std::string_view text; // Word: an identifier, opcode with its dots, or directive; Mark: one character
  int line = 0;
};

// Words take in letters, digits and _ $ % . so that "%tid.x", "ld.global.f32" and ".reg" are one word each. Numbers are
// digits with what follows them (0x1F, 0f3F800000, 1.5, 12U).
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) { advance(); }

  const Token& peek() const { return token_; }

  Token next() {
    Token token = token_;
    advance();
    return token;
  }

  bool at(char mark) const { return token_.kind == Token::Mark && token_.text[0] == mark; }

  bool at(std::string_view word) const { return token_.kind == Token::Word && token_.text == word; }

  bool accept(char mark) {
    if (!at(mark)) return false;
    advance();
    return true;
  }

  bool accept(std::string_view word) {
    if (!at(word)) return false;
    advance();
    return true;
  }

  void expect(char mark) {
    if (!accept(mark)) fail(std::string("expected '") + mark + "'");
  }

  std::string word() {
    if (token_.kind != Token::Word) fail("expected a name");
    return std::string(next().text);
  }

  [[noreturn]] void fail(const std::string& wanted) const {
    throw Fault(token_.line,
        wanted + ", found " + (token_.kind == Token::End ? "the end" : "'" + std::string(token_.text) + "'"));
  }

  // Passes everything up to the brace that closes the one just accepted.
  void skipBraces() {
    for (int depth = 1; depth > 0;) {
      if (token_.kind == Token::End) fail("expected '}'");
      if (at('{')) ++depth;
      if (at('}')) --depth;
      advance();
    }
  }

  // Passes the rest of a line that ends without a semicolon.
  void skipLine() {
    int line = token_.line;
    while (token_.kind != Token::End && token_.line == line) advance();
  }

 private:
  static bool wordCharacter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%' || c == '.';
  }

  void skipBlanks() {
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '\n') ++line_;
      if (c == '\0') {
        at_ = text_.size();
      } else if (std::isspace(static_cast<unsigned char>(c))) {
        ++at_;
      } else if (c == '/' && at_ + 1 < text_.size() && text_[at_ + 1] == '/') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (c == '/' && at_ + 1 < text_.size() && text_[at_ + 1] == '*') {
        std::size_t end = text_.find("*/", at_ + 2);
        end = end == std::string_view::npos ? text_.size() : end + 2;
        for (; at_ < end; ++at_) line_ += text_[at_] == '\n';
      } else {
        break;
      }
    }
  }

  void advance() {
    skipBlanks();
    token_ = Token{};
    token_.line = line_;
    if (at_ >= text_.size()) return;
    std::size_t start = at_;
    char c = text_[at_];
    if (std::isdigit(static_cast<unsigned char>(c))) {
      token_.kind = Token::Number;
      while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '.')) ++at_;
    } else if (c == '"') {
      token_.kind = Token::String;
      std::size_t end = text_.find('"', at_ + 1);
      if (end == std::string_view::npos) throw Fault(line_, "a string without its end");
      token_.text = text_.substr(start + 1, end - start - 1);
      at_ = end + 1;
      return;
    } else if (wordCharacter(c)) {
      token_.kind = Token::Word;
      while (at_ < text_.size()) {
        if (wordCharacter(text_[at_])) {
          ++at_;
        } else if (text_[at_] == ':' && at_ + 1 < text_.size() && text_[at_ + 1] == ':') {
          at_ += 2; // .shared::cta
        } else {
          break;
        }
      }
    } else {
      token_.kind = Token::Mark;
      ++at_;
    }
    token_.text = text_.substr(start, at_ - start);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  Token token_;
};

} // namespace softgpu::ptx
