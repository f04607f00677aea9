package dev.sluice.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.Generator;
import dev.sluice.Tensor;
import dev.sluice.nn.HostTensor;
import dev.sluice.nn.Linear;
import dev.sluice.nn.Module;
import dev.sluice.nn.StateDict;
import dev.sluice.nn.recurrent.LSTM;
import dev.sluice.nn.recurrent.RecurrentOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFilesTest {
  @TempDir Path folder;

  /** A module with parameters in two children, and buffers of each type. */
  private static final class Model extends Module {
    final LSTM encoder;
    final Linear head;

    Model(int seed) {
      var generator = new Generator(seed);
      buffer("mean", Tensor.of(new float[] {seed, -0.0f}, 2));
      buffer("steps", Tensor.of(new int[] {seed}, 1));
      buffer("seen", Tensor.of(new boolean[] {seed % 2 == 0, true}, 2));
      encoder = register("encoder", new LSTM(RecurrentOptions.of(3, 4).withBidirectional(true), generator));
      head = register("head", new Linear(8, 2, generator));
    }

    Tensor forward(Tensor input) {
      return head.forward(encoder.forward(input).output());
    }
  }

  @Test
  void aModelComesBackFromItsFile() throws IOException {
    var model = new Model(1);
    Path path = folder.resolve("model.safetensors");
    StateFiles.save(path, model.stateDict(), Map.of("format", "pt"));
    var other = new Model(2);
    Tensor input = Tensor.of(new float[] {1, -2, 3, 0.5f, 0, -1}, 2, 1, 3);
    double[] wanted = model.forward(input).toDoubles();
    assertFalse(Arrays.equals(wanted, other.forward(input).toDoubles()));
    other.loadStateDict(StateFiles.load(path), true);
    assertArrayEquals(wanted, other.forward(input).toDoubles());
    for (String name : model.namedBuffers().keySet()) {
      Tensor mine = model.namedBuffers().get(name);
      Tensor theirs = other.namedBuffers().get(name);
      switch (mine.type()) {
        case REAL -> assertArrayEquals(mine.toFloats(), theirs.toFloats());
        case INT32 -> assertArrayEquals(mine.toInts(), theirs.toInts());
        case BOOL -> assertArrayEquals(mine.toBooleans(), theirs.toBooleans());
      }
    }
    Path again = folder.resolve("again.safetensors");
    StateFiles.save(again, other.stateDict(), Map.of("format", "pt"));
    assertArrayEquals(Files.readAllBytes(path), Files.readAllBytes(again));
    try (Safetensors file = Safetensors.open(path)) {
      assertEquals(Map.of("format", "pt"), file.metadata());
      assertEquals(List.of("encoder.bias_hh_l0", "encoder.bias_hh_l0_reverse", "encoder.bias_ih_l0",
          "encoder.bias_ih_l0_reverse", "encoder.weight_hh_l0", "encoder.weight_hh_l0_reverse", "encoder.weight_ih_l0",
          "encoder.weight_ih_l0_reverse", "head.bias", "head.weight", "mean", "seen", "steps"),
          List.copyOf(file.tensors().keySet()));
      assertEquals("\"encoder.weight_ih_l0\" F32 (16, 3)", file.tensor("encoder.weight_ih_l0").toString());
    }
  }

  @Test
  void everyJavaTypeComesBack() throws IOException {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    tensors.put("a", HostTensor.of(new float[] {1.5f, -0.0f}, 2, 1));
    tensors.put("b", HostTensor.of(new double[] {Math.PI}));
    tensors.put("c", HostTensor.of(new int[] {-7, 8}, 2));
    tensors.put("d", HostTensor.of(new long[] {Long.MIN_VALUE}, 1, 1));
    tensors.put("e", HostTensor.of(new boolean[0], 3, 0));
    Path path = folder.resolve("state");
    StateFiles.save(path, new StateDict(tensors), Map.of());
    StateDict read = StateFiles.load(path);
    assertEquals(tensors.keySet(), read.tensors().keySet());
    tensors.forEach((name, tensor) -> {
      assertEquals(tensor.shape(), read.tensor(name).shape());
      assertEquals(tensor.kind(), read.tensor(name).kind());
    });
    assertArrayEquals(new float[] {1.5f, -0.0f}, assertInstanceOf(HostTensor.Floats.class, read.tensor("a")).values());
    assertArrayEquals(new double[] {Math.PI}, assertInstanceOf(HostTensor.Doubles.class, read.tensor("b")).values());
    assertArrayEquals(new int[] {-7, 8}, assertInstanceOf(HostTensor.Ints.class, read.tensor("c")).values());
    assertArrayEquals(new long[] {Long.MIN_VALUE},
        assertInstanceOf(HostTensor.Longs.class, read.tensor("d")).values());
  }

  @Test
  void otherPrecisionsLoadIntoAModule() throws IOException {
    var linear = new Linear(2, 1, new Generator(1));
    Path path = folder.resolve("halves");
    Safetensors.write(path, List.of(StoredTensor.of("weight", Dtype.BF16, new float[] {1.5f, -2}, 1, 2),
        StoredTensor.of("bias", new double[] {0.25}, 1)), Map.of());
    linear.loadStateDict(StateFiles.load(path), true);
    assertArrayEquals(new double[] {1.5, -2}, linear.weight().toDoubles());
    assertArrayEquals(new double[] {0.25}, linear.bias().toDoubles());
    Safetensors.write(path, List.of(StoredTensor.of("weight", Dtype.F16, new float[] {0.5f, 3}, 1, 2),
        StoredTensor.of("bias", new float[] {1}, 1)), Map.of());
    linear.loadStateDict(StateFiles.load(path), true);
    assertArrayEquals(new double[] {0.5, 3}, linear.weight().toDoubles());
  }

  @Test
  void whatAJavaTypeDoesNotHaveIsRefused() throws IOException {
    Path path = folder.resolve("file");
    String header = "{\"a\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    Files.write(path, Bytes.file(header.getBytes(StandardCharsets.UTF_8), new byte[] {2}));
    assertEquals(path + ": safetensors: tensor \"a\" has element 0 = 2, wanted 0 to 1",
        assertThrows(SafetensorsException.class, () -> StateFiles.load(path)).getMessage());
    Safetensors.write(path, List.of(StoredTensor.of("a", new float[0], 0, 1L << 31)), Map.of());
    assertEquals(path + ": tensor \"a\" F32 (0, 2147483648) has a size of 2147483648, wanted at most 2147483647",
        assertThrows(SafetensorsException.class, () -> StateFiles.load(path)).getMessage());
  }
}
