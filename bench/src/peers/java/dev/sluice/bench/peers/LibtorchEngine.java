package dev.sluice.bench.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Method;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/** libtorch as bytedeco packs it. */
final class LibtorchEngine implements Engine<Tensor> {
  static {
    // JavaCPP would read the size of the process from /proc at every tensor, and register each with a reaper, though
    // frames free them all.
    System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
    System.setProperty("org.bytedeco.javacpp.noPointerGC", "true");
    torch.set_num_interop_threads(1);
  }

  private final JitModule works;

  LibtorchEngine() {
    torch.setGraphExecutorOptimize(false);
    GradMode.set_enabled(false);
    try {
      Path file = Files.createTempFile("works", ".pt");
      try {
        Files.write(file, Archive.make());
        works = torch.load(file.toString());
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Frame open() {
    var scope = new PointerScope();
    return scope::close;
  }

  @Override
  public Tensor tensor(float[] values, long... shape) {
    try (var memory = new FloatPointer(values)) {
      return torch.from_blob(memory, shape, new TensorOptions(torch.ScalarType.Float)).clone();
    }
  }

  @Override
  public Tensor indices(int[] values) {
    try (var memory = new LongPointer(Arrays.stream(values).asLongStream().toArray())) {
      return torch.from_blob(memory, new long[] {values.length}, new TensorOptions(torch.ScalarType.Long)).clone();
    }
  }

  @Override
  public Supplier<List<Tensor>> bind(String method, List<Tensor> arguments) {
    Tensor[] t = arguments.toArray(Tensor[]::new);
    return switch (method) {
      case "gemm" -> () -> List.of(torch.mm_out(t[2], t[0], t[1]));
      case "softmax" -> () -> List.of(torch.softmax_out(t[1], t[0], -1));
      case "softmax_gradient" -> softmaxGradient(t[0], t[1], t[2]);
      default -> script(method, arguments);
    };
  }

  /** The kernel that autograd calls, which has no method in Java. */
  private static Supplier<List<Tensor>> softmaxGradient(Tensor gradient, Tensor weights, Tensor result) {
    OperatorHandle kernel = Dispatcher.singleton().findSchemaOrThrow("aten::_softmax_backward_data", "out");
    var arguments = new IValue[] {
        new IValue(gradient), new IValue(weights), new IValue(-1L), new IValue((long) torch.ScalarType.Float.value),
        new IValue(result)};
    return () -> {
      kernel.callBoxed(new IValueVector(arguments));
      return List.of(result);
    };
  }

  private Supplier<List<Tensor>> script(String method, List<Tensor> arguments) {
    var list = new GenericList(new Type.TypePtr(TensorType.get()));
    for (Tensor argument : arguments) {
      list.push_back(new IValue(argument));
    }
    var argument = new IValue(list);
    Method bound = works.get_method(method);
    return () -> List.of(bound.apply(new IValueVector(argument)).toTensorVector().get());
  }

  @Override
  public float[] values(Tensor tensor) {
    Tensor contiguous = tensor.contiguous();
    var values = new float[Math.toIntExact(contiguous.numel())];
    contiguous.data_ptr_float().get(values);
    return values;
  }
}
