package dev.sluice.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.sluice.Backends;
import dev.sluice.spi.Backend;
import dev.sluice.spi.BackendOptions;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelsTest {
  @Test
  void namesAreUnique() {
    List<String> names = Kernels.all().stream().map(Kernel::name).toList();
    assertEquals(names.size(), new HashSet<>(names).size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"vector", "reference"})
  void everyCallRuns(String id) {
    try (Backend backend = Backends.create(id, new BackendOptions(1))) {
      Kernels.all().forEach(kernel -> kernel.call().on(new Buffers(backend)).run());
    }
  }

  @Test
  void everyFamilyOfTheSeamIsTimed() {
    Set<String> families = Arrays.stream(Backend.class.getMethods())
        .filter(Method::isDefault)
        .map(method -> method.getReturnType().getSimpleName())
        .map(type -> type.replace("Kernels", "Benchmark"))
        .collect(Collectors.toSet());
    assertEquals(families,
        Kernels.all().stream().map(kernel -> kernel.benchmark().getSimpleName()).collect(Collectors.toSet()));
  }

  @Test
  void jmhFindsEveryFamily() {
    assertNotNull(KernelBenchmark.class.getResource("/META-INF/BenchmarkList"));
  }
}
