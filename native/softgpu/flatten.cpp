// Calls are replaced by bodies, and basic blocks are put into an order in which diverged lanes meet again early.
#include "flatten.h"

#include <algorithm>
#include <functional>

namespace softgpu::ptx {
namespace {

class Inliner {
 public:
  explicit Inliner(const Tree& tree) : tree_(tree) {}

  Body expand(const Body& kernel) {
    flat_ = kernel;
    flat_.statements.clear();
    flat_.labels.clear();
    flat_.registers.clear();
    flat_.variables.clear();
    copy(kernel, {}, "", "", 0);
    return std::move(flat_);
  }

 private:
  using Names = std::map<std::string, std::string>;

  // Appends a body; names: what its parameters and results stand for; end: the label that a return goes to, "" in the
  // kernel.
  void copy(const Body& body, Names names, const std::string& prefix, const std::string& end, int depth) {
    if (depth > 32) throw Fault(body.line, "recursive calls are not supported: " + body.name);
    int base = static_cast<int>(flat_.registers.size());
    flat_.registers.insert(flat_.registers.end(), body.registers.begin(), body.registers.end());
    for (const Variable& variable : body.variables) {
      Variable mine = variable;
      // A function's static shared variables are the same ones in each call of it.
      if (variable.space != Space::Shared) mine.name = prefix + variable.name;
      names[variable.name] = mine.name;
      bool known = std::any_of(
          flat_.variables.begin(), flat_.variables.end(), [&](const Variable& v) { return v.name == mine.name; });
      if (!known) flat_.variables.push_back(std::move(mine));
    }
    std::vector<std::pair<std::size_t, std::string>> labels;
    for (const auto& [label, at] : body.labels) labels.emplace_back(at, label);
    std::sort(labels.begin(), labels.end());
    auto next = labels.begin();
    for (std::size_t i = 0; i <= body.statements.size(); ++i) {
      for (; next != labels.end() && next->first == i; ++next)
        flat_.labels[prefix + next->second] = flat_.statements.size();
      if (i == body.statements.size()) break;
      Statement statement = body.statements[i];
      if (statement.guard >= 0) statement.guard += base;
      for (Operand& operand : statement.operands) rename(operand, base, names, prefix, body);
      for (std::string& target : statement.targets) target = prefix + target;
      if (statement.opcode == "call") {
        call(statement, depth);
      } else if (statement.opcode == "ret" && !end.empty()) {
        flat_.statements.push_back(branch(statement, end));
      } else {
        flat_.statements.push_back(std::move(statement));
      }
    }
  }

  static Statement branch(const Statement& model, const std::string& target) {
    Statement jump;
    jump.line = model.line;
    jump.location = model.location;
    jump.guard = model.guard;
    jump.guardNegated = model.guardNegated;
    jump.opcode = "bra";
    Operand operand;
    operand.kind = Operand::Label;
    operand.name = target;
    jump.operands.push_back(operand);
    return jump;
  }

  static void rename(Operand& operand, int base, const Names& names, const std::string& prefix, const Body& body) {
    if (operand.reg >= 0) operand.reg += base;
    if (operand.kind == Operand::Symbol && body.labels.count(operand.name)) {
      operand.kind = Operand::Label;
      operand.name = prefix + operand.name;
    } else if (auto found = names.find(operand.name); found != names.end()) {
      operand.name = found->second;
    }
    for (Operand& part : operand.parts) rename(part, base, names, prefix, body);
  }

  void call(const Statement& statement, int depth) {
    const Operand& callee = statement.operands[1];
    if (callee.kind != Operand::Symbol) throw Fault(statement.line, "indirect calls are not supported");
    auto known = std::find_if(tree_.bodies.begin(), tree_.bodies.end(), [&](const Body& body) {
      return body.name == callee.name && !body.external;
    });
    if (known == tree_.bodies.end()) {
      if (callee.name != "__assertfail") {
        throw Fault(statement.line, "call of unknown function '" + callee.name + "'");
      }
      Statement external = statement;
      external.opcode = callee.name;
      external.modifiers.clear();
      flat_.statements.push_back(std::move(external));
      return;
    }
    std::string prefix = "call" + std::to_string(++calls_) + "/";
    std::string end = prefix + "end";
    if (statement.guard >= 0) {
      Statement skip = branch(statement, end);
      skip.guardNegated = !skip.guardNegated;
      flat_.statements.push_back(std::move(skip));
    }
    Names names;
    bind(statement, known->results, statement.operands[0], names);
    bind(statement, known->parameters, statement.operands[2], names);
    copy(*known, names, prefix, end, depth + 1);
    flat_.labels[end] = flat_.statements.size();
  }

  static void bind(
      const Statement& statement, const std::vector<Variable>& formal, const Operand& actual, Names& names) {
    if (formal.size() != actual.parts.size())
      throw Fault(statement.line, "the call's arguments do not fit the function");
    for (std::size_t i = 0; i < formal.size(); ++i) {
      if (actual.parts[i].kind != Operand::Symbol)
        throw Fault(statement.line, "call arguments must be .param variables");
      names[formal[i].name] = actual.parts[i].name;
    }
  }

  const Tree& tree_;
  Body flat_;
  int calls_ = 0;
};

struct BasicBlock {
  std::size_t begin, end;
  std::vector<int> next;
  int fallThrough = -1;
};

class BlockOrder {
 public:
  explicit BlockOrder(Body& body) : body_(body) {}

  void run() {
    if (body_.statements.empty()) return;
    split();
    std::vector<int> all(blocks_.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
    mark_.assign(blocks_.size(), 0);
    place(all, 0);
    rebuild();
  }

 private:
  static bool ends(const Statement& s) {
    return s.guard < 0 && (s.opcode == "bra" || s.opcode == "brx" || s.opcode == "ret" || s.opcode == "exit");
  }

  static bool jumps(const Statement& s) { return s.opcode == "bra" || s.opcode == "brx"; }

  std::size_t position(const Statement& statement, const std::string& label) const {
    auto found = body_.labels.find(label);
    if (found == body_.labels.end()) throw Fault(statement.line, "unknown label '" + label + "'");
    return found->second;
  }

  std::vector<std::size_t> targets(const Statement& s) const {
    std::vector<std::size_t> result;
    if (s.opcode == "bra") {
      if (s.operands.size() != 1) throw Fault(s.line, "bra takes a label");
      result.push_back(position(s, s.operands[0].name));
    }
    for (const std::string& target : s.targets) result.push_back(position(s, target));
    return result;
  }

  void split() {
    auto& statements = body_.statements;
    std::vector<char> leader(statements.size() + 1, 0);
    leader[0] = 1;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      for (std::size_t target : targets(statements[i])) leader[target] = 1;
      if (jumps(statements[i]) || ends(statements[i])) leader[i + 1] = 1;
    }
    std::vector<int> blockAt(statements.size() + 1, -1);
    for (std::size_t i = 0; i < statements.size(); ++i) {
      if (leader[i]) {
        blockAt[i] = static_cast<int>(blocks_.size());
        blocks_.push_back({i, i, {}, -1});
      }
      blocks_.back().end = i + 1;
    }
    blockAt[statements.size()] = static_cast<int>(blocks_.size()); // code that runs off its end returns
    if (leader[statements.size()]) {
      blocks_.push_back({statements.size(), statements.size(), {}, -1});
    }
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      BasicBlock& block = blocks_[b];
      if (block.begin == block.end) continue;
      const Statement& last = statements[block.end - 1];
      for (std::size_t target : targets(last)) block.next.push_back(blockAt[target]);
      if (!ends(last) && b + 1 < blocks_.size()) {
        block.fallThrough = static_cast<int>(b + 1);
        block.next.push_back(block.fallThrough);
      }
    }
  }

  // Appends the nodes to order_: strongly connected parts in topological order, each loop from its first block inwards.
  void place(const std::vector<int>& nodes, int depth) {
    for (int node : nodes) mark_[static_cast<std::size_t>(node)] = depth + 1;
    std::vector<std::vector<int>> components = connected(nodes, depth + 1);
    for (auto component = components.rbegin(); component != components.rend(); ++component) {
      std::sort(component->begin(), component->end());
      int head = component->front();
      order_.push_back(head);
      if (component->size() == 1) continue;
      std::vector<int> inner(component->begin() + 1, component->end());
      for (int node : *component) mark_[static_cast<std::size_t>(node)] = 0;
      place(inner, depth + 1);
    }
    for (int node : nodes) mark_[static_cast<std::size_t>(node)] = 0;
  }

  // Tarjan's algorithm on the nodes marked so, without recursion on the host's stack. Components come in reverse
  // topological order.
  std::vector<std::vector<int>> connected(const std::vector<int>& nodes, int mark) {
    std::size_t count = blocks_.size();
    std::vector<int> number(count, -1), low(count, 0);
    std::vector<char> open(count, 0);
    std::vector<int> stack;
    std::vector<std::pair<int, std::size_t>> path;
    std::vector<std::vector<int>> components;
    int counter = 0;
    auto enter = [&](int node) {
      auto n = static_cast<std::size_t>(node);
      number[n] = low[n] = counter++;
      open[n] = 1;
      stack.push_back(node);
      path.emplace_back(node, 0);
    };
    for (auto root = nodes.rbegin(); root != nodes.rend(); ++root) {
      if (number[static_cast<std::size_t>(*root)] >= 0) continue;
      enter(*root);
      while (!path.empty()) {
        auto n = static_cast<std::size_t>(path.back().first);
        if (path.back().second < blocks_[n].next.size()) {
          int next = blocks_[n].next[path.back().second++];
          auto to = static_cast<std::size_t>(next);
          if (mark_[to] != mark) continue;
          if (number[to] < 0) {
            enter(next);
          } else if (open[to]) {
            low[n] = std::min(low[n], number[to]);
          }
          continue;
        }
        path.pop_back();
        if (!path.empty()) {
          auto parent = static_cast<std::size_t>(path.back().first);
          low[parent] = std::min(low[parent], low[n]);
        }
        if (low[n] == number[n]) {
          components.emplace_back();
          int node;
          do {
            node = stack.back();
            stack.pop_back();
            open[static_cast<std::size_t>(node)] = 0;
            components.back().push_back(node);
          } while (node != static_cast<int>(n));
        }
      }
    }
    return components;
  }

  void rebuild() {
    std::vector<Statement> statements;
    std::vector<std::size_t> starts(blocks_.size());
    std::map<std::string, std::size_t> labels;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const BasicBlock& block = blocks_[static_cast<std::size_t>(order_[i])];
      starts[static_cast<std::size_t>(order_[i])] = statements.size();
      for (std::size_t s = block.begin; s < block.end; ++s) statements.push_back(std::move(body_.statements[s]));
      int after = i + 1 < order_.size() ? order_[i + 1] : -1;
      if (block.fallThrough >= 0 && block.fallThrough != after) {
        Statement jump;
        jump.line = statements.back().line;
        jump.location = statements.back().location;
        jump.opcode = "bra";
        Operand target;
        target.kind = Operand::Label;
        target.name = "block" + std::to_string(block.fallThrough) + "@";
        jump.operands.push_back(target);
        statements.push_back(std::move(jump));
      } else if (block.fallThrough < 0 && (block.begin == block.end || !ends(statements.back()))) {
        Statement ret;
        ret.line = block.begin == block.end ? body_.line : statements.back().line;
        ret.opcode = "ret";
        statements.push_back(std::move(ret));
      }
    }
    for (const auto& [label, at] : body_.labels) {
      auto block = std::lower_bound(blocks_.begin(), blocks_.end(), at,
          [](const BasicBlock& b, std::size_t position) { return b.begin < position; });
      if (block != blocks_.end() && block->begin == at) {
        labels[label] = starts[static_cast<std::size_t>(block - blocks_.begin())];
      }
    }
    for (std::size_t b = 0; b < blocks_.size(); ++b) labels["block" + std::to_string(b) + "@"] = starts[b];
    body_.statements = std::move(statements);
    body_.labels = std::move(labels);
  }

  Body& body_;
  std::vector<BasicBlock> blocks_;
  std::vector<int> order_;
  std::vector<int> mark_;
};

} // namespace

Body inlineCalls(const Body& kernel, const Tree& tree) { return Inliner(tree).expand(kernel); }

void orderBlocks(Body& body) { BlockOrder(body).run(); }

} // namespace softgpu::ptx
