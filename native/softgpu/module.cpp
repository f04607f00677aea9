// Modules: variables get their places in memory, kernels are decoded.
#include "decoder.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace softgpu {
namespace {

using ptx::Space;
using ptx::Variable;

std::size_t place(std::size_t& end, const Variable& variable) {
  end = (end + variable.align - 1) / variable.align * variable.align;
  std::size_t at = end;
  end += variable.bytes;
  return at;
}

template <class F>
void eachSymbol(const ptx::Operand& operand, F visit) {
  if (!operand.name.empty()) visit(operand.name);
  for (const ptx::Operand& part : operand.parts) eachSymbol(part, visit);
}

// Offsets of a kernel's shared, local and parameter variables. Shared variables of the module count where the kernel
// names them; the dynamic ones (external, of no size) stand behind all others.
std::map<std::string, SymbolPlace> kernelSymbols(
    const ptx::Tree& tree, const ptx::Body& body, Function& function, Program& program) {
  std::map<std::string, SymbolPlace> symbols;
  for (const Variable& parameter : body.parameters) {
    std::size_t at = place(function.parameterBytes, parameter);
    function.parameters.push_back({at, parameter.bytes});
    symbols[parameter.name] = {Space::Param, at};
  }
  program.parameterBytes = function.parameterBytes;
  std::set<std::string> named;
  for (const ptx::Statement& statement : body.statements) {
    for (const ptx::Operand& operand : statement.operands)
      eachSymbol(operand, [&](const std::string& name) { named.insert(name); });
  }
  for (const Variable& variable : body.variables) {
    if (variable.space == Space::Shared) {
      symbols[variable.name] = {Space::Shared, place(program.sharedBytes, variable)};
    } else {
      symbols[variable.name] = {Space::Local, place(program.localBytes, variable)};
    }
  }
  std::size_t dynamicAlign = 16;
  for (const Variable& variable : tree.variables) {
    if (variable.space != Space::Shared || !named.count(variable.name)) continue;
    if (variable.bytes == 0) {
      dynamicAlign = std::max(dynamicAlign, variable.align);
    } else {
      symbols[variable.name] = {Space::Shared, place(program.sharedBytes, variable)};
    }
  }
  bool dynamic = false;
  std::size_t end = (program.sharedBytes + dynamicAlign - 1) / dynamicAlign * dynamicAlign;
  for (const Variable& variable : tree.variables) {
    if (variable.space == Space::Shared && variable.bytes == 0 && named.count(variable.name)) {
      symbols[variable.name] = {Space::Shared, end};
      dynamic = true;
    }
  }
  if (dynamic) program.sharedBytes = end;
  program.localBytes = (program.localBytes + 15) / 16 * 16;
  return symbols;
}

std::vector<std::string> fileNames(const ptx::Tree& tree) {
  std::vector<std::string> files;
  for (const auto& [index, name] : tree.files) {
    if (index < 0 || index > 100000) continue;
    if (files.size() <= static_cast<std::size_t>(index)) files.resize(static_cast<std::size_t>(index) + 1);
    std::size_t slash = name.rfind('/');
    files[static_cast<std::size_t>(index)] = slash == std::string::npos ? name : name.substr(slash + 1);
  }
  return files;
}

Function decode(const ptx::Tree& tree, const ptx::Body& entry, const std::map<std::string, SymbolPlace>& globals,
    std::set<std::string>& opcodes) {
  Function function;
  auto program = std::make_shared<Program>();
  program->name = function.name = entry.name;
  program->files = fileNames(tree);
  ptx::Body body = ptx::inlineCalls(entry, tree);
  if (body.statements.empty() || body.statements.back().opcode != "ret") {
    ptx::Statement end;
    end.line = entry.line;
    end.opcode = "ret";
    body.statements.push_back(end);
  }
  ptx::orderBlocks(body);
  std::map<std::string, SymbolPlace> symbols = kernelSymbols(tree, body, function, *program);
  symbols.insert(globals.begin(), globals.end());
  Encoder encoder(body, *program, symbols);
  encoder.encode();
  opcodes.insert(encoder.opcodes().begin(), encoder.opcodes().end());
  function.staticSharedBytes = program->sharedBytes;
  function.localBytes = program->localBytes;
  function.registers = encoder.liveWords();
  function.maxThreads = entry.maxThreads;
  function.ptxVersion = tree.version;
  program->constants.resize((program->constants.size() + 63) / 64 * 64);
  function.program = std::move(program);
  return function;
}

} // namespace

std::unique_ptr<Module> Module::load(
    const std::string& text, int maxIsaVersion, int computeCapability, DeviceMemory& memory, LoadError& error) {
  std::unique_ptr<Module> module(new Module(memory));
  auto failed = [&](LoadError::Kind kind, int line, const std::string& what) {
    error = {kind, line, "ptx line " + std::to_string(line) + ": " + what};
    return nullptr;
  };
  try {
    ptx::Tree tree = ptx::parse(text, maxIsaVersion);
    if (tree.target > computeCapability) {
      return failed(LoadError::UnsupportedTarget, 0,
          "target sm_" + std::to_string(tree.target) + " is newer than the device's sm_"
              + std::to_string(computeCapability));
    }
    std::map<std::string, SymbolPlace> places;
    std::size_t constantBytes = 0;
    for (const Variable& variable : tree.variables) {
      if (variable.space == Space::Shared) continue;
      if (variable.external)
        return failed(LoadError::InvalidPtx, variable.line, "variable '" + variable.name + "' is defined elsewhere");
      Address address = memory.allocate(std::max<std::size_t>(variable.bytes, 1));
      if (address == 0) return failed(LoadError::OutOfMemory, variable.line, "no memory for '" + variable.name + "'");
      module->globals_[variable.name] = {address, variable.bytes};
      if (variable.initial.size() > variable.bytes) {
        return failed(LoadError::InvalidPtx, variable.line, "'" + variable.name + "' has too many initial values");
      }
      std::memset(reinterpret_cast<void*>(address), 0, variable.bytes);
      if (!variable.initial.empty())
        std::memcpy(reinterpret_cast<void*>(address), variable.initial.data(), variable.initial.size());
      memory.hostWrote(address, variable.bytes);
      places[variable.name] = {variable.space, address};
      if (variable.space == Space::Const) constantBytes += variable.bytes;
    }
    for (const Variable& variable : tree.variables) {
      for (const Variable::Pointer& pointer : variable.pointers) {
        auto found = places.find(pointer.symbol);
        if (found == places.end())
          return failed(LoadError::InvalidPtx, variable.line, "unknown symbol '" + pointer.symbol + "'");
        Address value = found->second.value + static_cast<Address>(pointer.addend);
        std::memcpy(reinterpret_cast<void*>(places[variable.name].value + pointer.offset), &value, sizeof value);
      }
    }
    std::set<std::string> opcodes;
    for (const ptx::Body& body : tree.bodies) {
      if (!body.entry || body.external) continue;
      Function function = decode(tree, body, places, opcodes);
      function.constantBytes = constantBytes;
      module->functions_[body.name] = std::move(function);
    }
    module->opcodes_.assign(opcodes.begin(), opcodes.end());
    return module;
  } catch (const ptx::VersionFault& fault) {
    return failed(LoadError::UnsupportedVersion, fault.line, fault.what());
  } catch (const ptx::Fault& fault) {
    return failed(LoadError::InvalidPtx, fault.line, fault.what());
  }
}

Module::~Module() {
  for (const auto& [name, global] : globals_) memory_.free(global.address);
}

const Function* Module::function(const std::string& name) const {
  auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : &found->second;
}

const Global* Module::global(const std::string& name) const {
  auto found = globals_.find(name);
  return found == globals_.end() ? nullptr : &found->second;
}

std::vector<std::string> Module::functionNames() const {
  std::vector<std::string> names;
  for (const auto& [name, function] : functions_) names.push_back(name);
  return names;
}

} // namespace softgpu
