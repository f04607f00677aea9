package dev.sluice.testing;

import dev.sluice.spi.Backend;
import dev.sluice.spi.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a kernel must leave as it was: all of its read arguments, and what lies in written ones beyond the length
 * stated.
 */
final class Snapshot {
  private record Part(String name, Buffer buffer, int from, long[] bits) {}

  private final String kernel;
  private final Backend backend;
  private final List<Part> parts = new ArrayList<>();

  private Snapshot(String kernel, Backend backend) {
    this.kernel = kernel;
    this.backend = backend;
  }

  static Snapshot of(Call call, Backend backend) {
    Snapshot snapshot = new Snapshot(call.kernel(), backend);
    for (Call.Binding binding : call.bindings()) {
      if (binding.buffers() == null || (binding.list() && binding.written())) {
        continue;
      }
      int from = binding.written() ? Math.toIntExact(binding.length()) : 0;
      for (Buffer buffer : binding.buffers()) {
        Buffer inner = CheckingBackend.unwrap(buffer);
        snapshot.parts.add(new Part(binding.operand().name(), inner, from, bits(backend, inner, from)));
      }
    }
    return snapshot;
  }

  void requireUnchanged() {
    for (Part part : parts) {
      int changed = Arrays.mismatch(part.bits(), bits(backend, part.buffer(), part.from()));
      if (changed >= 0) {
        throw new AssertionError(kernel + ": changed " + part.name() + "[" + (part.from() + changed)
            + "], wanted it left alone");
      }
    }
  }

  private static long[] bits(Backend backend, Buffer buffer, int from) {
    int length = buffer.length() - from;
    return switch (buffer.type()) {
      case REAL -> {
        double[] values = new double[length];
        backend.read(buffer, from, values, 0, length);
        yield Arrays.stream(values).mapToLong(Double::doubleToLongBits).toArray();
      }
      case INT32 -> {
        int[] values = new int[length];
        backend.read(buffer, from, values, 0, length);
        yield Arrays.stream(values).asLongStream().toArray();
      }
      case BOOL -> {
        boolean[] values = new boolean[length];
        backend.read(buffer, from, values, 0, length);
        long[] bits = new long[length];
        for (int i = 0; i < length; i++) {
          bits[i] = values[i] ? 1 : 0;
        }
        yield bits;
      }
    };
  }
}
