package dev.sluice.testing;

import dev.sluice.spi.Buffer;
import dev.sluice.spi.ElementType;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules that every kernel call must keep; each refusal names the kernel, the argument, what was given and what is
 * wanted.
 */
final class Refusals {
  private Refusals() {}

  static void check(Call call, CheckingBackend owner) {
    for (Call.Binding binding : call.bindings()) {
      checkBinding(call.kernel(), binding, owner);
    }
    checkLists(call);
    checkAliases(call);
  }

  static void require(boolean condition, String operation, String given, String wanted) {
    if (!condition) {
      throw new IllegalArgumentException(operation + ": " + given + ", wanted " + wanted);
    }
  }

  static void requireUsable(String operation, String argument, @Nullable Buffer buffer, CheckingBackend owner) {
    require(buffer != null, operation, argument + " is null", "a buffer");
    require(buffer instanceof CheckedBuffer checked && checked.owner() == owner, operation,
        argument + " belongs to another backend", "a buffer of this one");
    if (buffer.isClosed()) {
      throw new IllegalStateException(operation + ": " + argument + " is closed, wanted an open buffer");
    }
  }

  static void requireType(String operation, String argument, Buffer buffer, ElementType type) {
    require(buffer.type() == type, operation, argument + " holds " + buffer.type(), type.toString());
  }

  private static void checkBinding(String kernel, Call.Binding binding, CheckingBackend owner) {
    String name = binding.operand().name();
    List<@Nullable Buffer> buffers = binding.buffers();
    if (buffers == null) {
      require(binding.operand().optional(), kernel, name + " is null", binding.list() ? "a list" : "a buffer");
      return;
    }
    for (Buffer buffer : buffers) {
      requireUsable(kernel, name, buffer, owner);
      requireType(kernel, name, buffer, binding.operand().type());
      require(buffer.length() >= binding.length(), kernel, name + " has " + buffer.length() + " elements",
          "at least " + binding.length());
    }
  }

  private static void checkLists(Call call) {
    Call.Binding first = null;
    for (Call.Binding binding : call.bindings()) {
      if (!binding.list() || binding.buffers() == null) {
        continue;
      }
      if (first == null) {
        first = binding;
        continue;
      }
      List<@Nullable Buffer> wanted = first.buffers();
      List<@Nullable Buffer> given = binding.buffers();
      String name = binding.operand().name();
      require(given.size() == wanted.size(), call.kernel(), name + " has " + given.size() + " buffers",
          wanted.size() + " as " + first.operand().name());
      for (int i = 0; i < given.size(); i++) {
        require(given.get(i).length() == wanted.get(i).length(), call.kernel(),
            name + "[" + i + "] has " + given.get(i).length() + " elements",
            wanted.get(i).length() + " as " + first.operand().name() + "[" + i + "]");
      }
    }
  }

  /**
   * A buffer may stand for several arguments only if all of them are read. Within a list it may be repeated where the
   * list is the call's only one: that counts or changes it as often. Empty buffers cannot overlap.
   */
  private static void checkAliases(Call call) {
    boolean oneList = call.bindings().stream().filter(Call.Binding::list).count() == 1;
    Map<Buffer, Call.Binding> seen = new IdentityHashMap<>();
    for (Call.Binding binding : call.bindings()) {
      for (Buffer buffer : binding.buffers() == null ? List.<Buffer>of() : binding.buffers()) {
        Call.Binding other = seen.put(buffer, binding);
        boolean repeated = other == binding && oneList;
        if (other == null || repeated || buffer.length() == 0) {
          continue;
        }
        require(!other.written() && !binding.written(), call.kernel(),
            binding.operand().name() + " is the same buffer as " + other.operand().name(),
            "buffers of their own where one is written");
      }
    }
  }
}
