// PTX text to syntax tree: directives, variables with initialisers, functions with scoped registers and instructions.
#include "operands.h"

#include <cstdlib>

namespace softgpu::ptx {
namespace {

std::vector<std::string> split(const std::string& word) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (;;) {
    std::size_t dot = word.find('.', start);
    parts.push_back(word.substr(start, dot == std::string::npos ? dot : dot - start));
    if (dot == std::string::npos) return parts;
    start = dot + 1;
  }
}

class Parser : OperandParser {
 public:
  Parser(const std::string& text, int maxVersion) : OperandParser(text), maxVersion_(maxVersion) {}

  Tree parse() {
    header();
    while (lexer_.peek().kind != Token::End) moduleItem();
    return std::move(tree_);
  }

 private:
  void header() {
    if (!lexer_.accept(".version")) lexer_.fail("expected .version");
    int line = lexer_.peek().line;
    std::string version(lexer_.next().text);
    std::size_t dot = version.find('.');
    if (dot == std::string::npos) throw Fault(line, "expected a version as 8.0, found '" + version + "'");
    tree_.version = std::atoi(version.c_str()) * 10 + std::atoi(version.c_str() + dot + 1);
    if (tree_.version > maxVersion_) {
      throw VersionFault(line,
          "Unsupported .version " + version + "; current version is '" + std::to_string(maxVersion_ / 10) + "."
              + std::to_string(maxVersion_ % 10) + "'");
    }
  }

  void moduleItem() {
    const Token& token = lexer_.peek();
    if (token.kind != Token::Word) lexer_.fail("expected a directive");
    if (lexer_.accept(".target")) {
      std::string target = lexer_.word();
      if (target.rfind("sm_", 0) != 0) throw Fault(token.line, "expected a target as sm_75, found '" + target + "'");
      tree_.target = std::atoi(target.c_str() + 3);
      while (lexer_.accept(',')) lexer_.word();
    } else if (lexer_.accept(".address_size")) {
      tree_.addressSize = static_cast<int>(number());
      if (tree_.addressSize != 64) throw Fault(token.line, "only .address_size 64 is supported");
    } else if (lexer_.accept(".file")) {
      int index = static_cast<int>(number());
      tree_.files[index] = std::string(lexer_.next().text);
      while (lexer_.accept(',')) number();
    } else if (lexer_.accept(".section")) {
      lexer_.next();
      lexer_.expect('{');
      lexer_.skipBraces();
    } else if (lexer_.accept(".pragma")) {
      pragma();
    } else {
      declaration();
    }
  }

  void pragma() {
    while (!lexer_.accept(';')) lexer_.next();
  }

  void declaration() {
    bool external = false;
    for (;;) {
      if (lexer_.accept(".extern")) {
        external = true;
      } else if (!lexer_.accept(".visible") && !lexer_.accept(".weak") && !lexer_.accept(".common")) {
        break;
      }
    }
    if (lexer_.accept(".entry")) {
      function(true, external);
    } else if (lexer_.accept(".func")) {
      function(false, external);
    } else if (lexer_.at(".global") || lexer_.at(".const") || lexer_.at(".shared")) {
      variableList(tree_.variables, external);
    } else {
      lexer_.fail("expected a directive of a module");
    }
  }

  Space spaceWord() {
    std::string word = lexer_.word();
    if (word == ".global") return Space::Global;
    if (word == ".const") return Space::Const;
    if (word == ".shared") return Space::Shared;
    if (word == ".local") return Space::Local;
    if (word == ".param") return Space::Param;
    lexer_.fail("expected a state space, found '" + word + "'");
  }

  // .space [.align N] .type name[dims] [= init] {, name ...} ;
  void variableList(std::vector<Variable>& into, bool external) {
    Space space = spaceWord();
    Variable common = variableHead(space);
    common.external = external;
    for (;;) {
      Variable variable = common;
      variableName(variable);
      if (lexer_.accept('=')) initialiser(variable);
      into.push_back(std::move(variable));
      if (!lexer_.accept(',')) break;
    }
    lexer_.expect(';');
  }

  Variable variableHead(Space space) {
    Variable variable;
    variable.space = space;
    variable.line = lexer_.peek().line;
    for (;;) {
      std::string word = lexer_.word();
      if (word == ".align") {
        variable.align = static_cast<std::size_t>(number());
      } else if (word == ".ptr" || word == ".global" || word == ".const" || word == ".shared" || word == ".local"
          || word == ".managed") {
        continue;
      } else if (word == ".v2" || word == ".v4") {
        vector_ = word == ".v2" ? 2 : 4;
      } else {
        variable.type = word[0] == '.' ? typeOf(word.substr(1)) : Type::None;
        if (variable.type == Type::None) throw Fault(variable.line, "unknown type '" + word + "'");
        break;
      }
    }
    variable.bytes = static_cast<std::size_t>(bytesOf(variable.type)) * vector_;
    variable.align = std::max(variable.align, variable.bytes);
    vector_ = 1;
    while (lexer_.at(".ptr") || lexer_.at(".global") || lexer_.at(".const") || lexer_.at(".shared")
        || lexer_.at(".local") || lexer_.at(".align")) {
      if (lexer_.word() == ".align") number(); // of what a .ptr parameter points to
    }
    return variable;
  }

  void variableName(Variable& variable) {
    variable.name = lexer_.word();
    while (lexer_.accept('[')) {
      if (lexer_.accept(']')) {
        variable.bytes = 0;
        continue;
      }
      variable.bytes *= static_cast<std::size_t>(number());
      lexer_.expect(']');
    }
  }

  void initialiser(Variable& variable) {
    if (lexer_.accept('{')) {
      while (!lexer_.accept('}')) {
        if (lexer_.at('{')) {
          initialiser(variable);
        } else {
          initialValue(variable);
        }
        lexer_.accept(',');
      }
    } else {
      initialValue(variable);
    }
  }

  void initialValue(Variable& variable) {
    std::size_t width = static_cast<std::size_t>(bytesOf(variable.type));
    std::uint64_t bits = 0;
    if (lexer_.peek().kind == Token::Word) {
      bool generic = lexer_.accept("generic");
      if (generic) lexer_.expect('(');
      std::string symbol = lexer_.word();
      if (generic) lexer_.expect(')');
      std::int64_t addend = lexer_.accept('+') ? static_cast<std::int64_t>(number()) : 0;
      variable.pointers.push_back({variable.initial.size(), symbol, addend, generic});
    } else {
      Operand value = literal();
      bits = value.bits;
      if (value.kind == Operand::Float64 && variable.type == Type::F32) {
        double wide;
        std::memcpy(&wide, &bits, 8);
        float narrow = static_cast<float>(wide);
        bits = 0;
        std::memcpy(&bits, &narrow, 4);
      }
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&bits);
    variable.initial.insert(variable.initial.end(), bytes, bytes + width);
  }

  void function(bool entry, bool external) {
    Body body;
    body.entry = entry;
    body.external = external;
    body.line = lexer_.peek().line;
    if (lexer_.at('(')) parameters(body.results);
    body.name = lexer_.word();
    if (lexer_.at('(')) parameters(body.parameters);
    for (;;) {
      if (lexer_.accept(".maxntid") || lexer_.accept(".reqntid")) {
        body.maxThreads = static_cast<int>(number());
        while (lexer_.accept(',')) body.maxThreads *= static_cast<int>(number());
      } else if (lexer_.accept(".minnctapersm") || lexer_.accept(".maxnreg")) {
        number();
      } else if (lexer_.accept(".pragma")) {
        pragma();
      } else if (!lexer_.accept(".noreturn")) {
        break;
      }
    }
    if (lexer_.accept(';')) {
      body.external = true;
    } else {
      lexer_.expect('{');
      scopes_.assign(1, {});
      location_ = {};
      block(body);
    }
    tree_.bodies.push_back(std::move(body));
  }

  void parameters(std::vector<Variable>& into) {
    lexer_.expect('(');
    while (!lexer_.accept(')')) {
      Space space = Space::Param;
      if (lexer_.accept(".reg")) {
        lexer_.fail("parameters in registers are not supported");
      } else if (!lexer_.accept(".param")) {
        lexer_.fail("expected .param");
      }
      Variable variable = variableHead(space);
      variableName(variable);
      into.push_back(std::move(variable));
      lexer_.accept(',');
    }
  }

  void block(Body& body) {
    while (!lexer_.accept('}')) {
      const Token& token = lexer_.peek();
      if (token.kind == Token::End) lexer_.fail("expected '}'");
      if (lexer_.accept('{')) {
        scopes_.emplace_back();
        block(body);
        scopes_.pop_back();
      } else if (lexer_.accept(".reg")) {
        registers(body);
      } else if (lexer_.at(".local") || lexer_.at(".shared") || lexer_.at(".param")) {
        std::size_t first = body.variables.size();
        variableList(body.variables, false);
        for (std::size_t i = first; i < body.variables.size(); ++i) renameLocal(body.variables[i]);
      } else if (lexer_.accept(".loc")) {
        location();
      } else if (lexer_.accept(".pragma")) {
        pragma();
      } else {
        labelOrInstruction(body);
      }
    }
  }

  // .param variables of call sequences have the same names in each sequence: the scope's number makes them different.
  void renameLocal(Variable& variable) {
    if (scopes_.size() == 1) return;
    std::string inner = variable.name + "@" + std::to_string(++renamed_);
    scopes_.back().symbols[variable.name] = inner;
    variable.name = inner;
  }

  void registers(Body& body) {
    std::string word = lexer_.word();
    Type type = word[0] == '.' ? typeOf(word.substr(1)) : Type::None;
    if (type == Type::None) lexer_.fail("expected the type of a register before");
    do {
      std::string name = lexer_.word();
      if (lexer_.accept('<')) {
        int count = static_cast<int>(number());
        lexer_.expect('>');
        for (int i = 0; i < count; ++i) declare(body, name + std::to_string(i), type);
      } else {
        declare(body, name, type);
      }
    } while (lexer_.accept(','));
    lexer_.expect(';');
  }

  void declare(Body& body, const std::string& name, Type type) {
    scopes_.back().registers[name] = static_cast<int>(body.registers.size());
    body.registers.push_back({name, type});
  }

  // .loc file line column [, function_name label [+ n], inlined_at file line column]. An access inside one of the
  // toolkit's own headers is told by where it was called from.
  void location() {
    int line = lexer_.peek().line;
    Location inner{static_cast<int>(number()), static_cast<int>(number())};
    number();
    Location outer = inner;
    while (lexer_.peek().line == line && lexer_.accept(',')) {
      std::string word = lexer_.word();
      if (word == "function_name") {
        lexer_.word();
        if (lexer_.accept('+')) number();
      } else if (word == "inlined_at") {
        outer = {static_cast<int>(number()), static_cast<int>(number())};
        number();
      }
    }
    lexerLocations_.push_back({inner, outer});
    if (inner.line != 0) location_ = {-static_cast<int>(lexerLocations_.size()), 0};
  }

  void labelOrInstruction(Body& body) {
    Statement statement;
    statement.line = lexer_.peek().line;
    statement.location = location_;
    if (lexer_.accept('@')) {
      statement.guardNegated = lexer_.accept('!');
      std::string name = lexer_.word();
      statement.guard = findRegister(name);
      if (statement.guard < 0) throw Fault(statement.line, "undeclared predicate '" + name + "'");
    }
    std::string word = lexer_.word();
    if (statement.guard < 0 && lexer_.accept(':')) {
      if (lexer_.accept(".branchtargets")) {
        auto& table = tables_[body.name + "/" + word];
        do table.push_back(lexer_.word());
        while (lexer_.accept(','));
        lexer_.expect(';');
      } else if (lexer_.at(".callprototype") || lexer_.at(".calltargets")) {
        throw Fault(statement.line, "indirect calls are not supported");
      } else if (!body.labels.emplace(word, body.statements.size()).second) {
        throw Fault(statement.line, "label '" + word + "' stands twice");
      }
      return;
    }
    statement.modifiers = split(word);
    statement.opcode = statement.modifiers.front();
    statement.modifiers.erase(statement.modifiers.begin());
    if (statement.opcode == "call") {
      callOperands(statement);
    } else {
      while (!lexer_.accept(';')) {
        if (lexer_.peek().kind == Token::End) lexer_.fail("expected ';'");
        statement.operands.push_back(operand());
        if (!lexer_.at(';')) lexer_.expect(',');
      }
    }
    body.statements.push_back(std::move(statement));
  }

  // call (results), name, (arguments): three operands, the first and last vectors.
  void callOperands(Statement& statement) {
    auto list = [&] {
      Operand vector;
      vector.kind = Operand::Vector;
      if (lexer_.accept('(')) {
        while (!lexer_.accept(')')) {
          vector.parts.push_back(operand());
          lexer_.accept(',');
        }
      }
      return vector;
    };
    statement.operands.push_back(list());
    lexer_.accept(',');
    statement.operands.push_back(operand());
    lexer_.accept(',');
    statement.operands.push_back(list());
    lexer_.expect(';');
  }

 public:
  // Fills in what stood after its use: the tables of brx.idx, and the files that tell a toolkit header from user code.
  void finish(Tree& tree) {
    for (Body& body : tree.bodies) {
      for (Statement& statement : body.statements) {
        if (statement.location.file < 0) {
          auto [inner, outer] = lexerLocations_[static_cast<std::size_t>(-statement.location.file - 1)];
          auto file = tree.files.find(inner.file);
          bool toolkit = file != tree.files.end() && file->second.find("/include/") != std::string::npos;
          statement.location = toolkit ? outer : inner;
        }
        if (statement.opcode == "brx") {
          if (statement.operands.size() != 2) throw Fault(statement.line, "brx.idx takes an index and a table");
          auto table = tables_.find(body.name + "/" + statement.operands[1].name);
          if (table == tables_.end()) throw Fault(statement.line, "unknown table '" + statement.operands[1].name + "'");
          statement.targets = table->second;
        }
      }
    }
  }

 private:
  int maxVersion_;
  Tree tree_;
  Location location_;
  std::vector<std::pair<Location, Location>> lexerLocations_;
  std::map<std::string, std::vector<std::string>> tables_;
  int renamed_ = 0;
  std::size_t vector_ = 1;
};

} // namespace

Tree parse(const std::string& text, int maxVersion) {
  Parser parser(text, maxVersion);
  Tree tree = parser.parse();
  parser.finish(tree);
  return tree;
}

} // namespace softgpu::ptx
