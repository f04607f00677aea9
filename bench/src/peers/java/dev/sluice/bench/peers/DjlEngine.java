package dev.sluice.bench.peers;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/** libtorch as DJL loads it. */
final class DjlEngine implements Engine<NDArray> {
  /** How DJL is told, by names of arrays, which method is meant and that the other arrays are one list. */
  private static final String METHOD = "module_method:";

  private static final String LIST = "t[]";

  private final Deque<NDManager> frames = new ArrayDeque<>();
  private final PtSymbolBlock works;

  DjlEngine() {
    // DJL would otherwise look for models and, on some hosts, report its use.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    NDManager root = ai.djl.engine.Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
    frames.push(root);
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setGradMode(false);
    try {
      works = JniUtils.loadModule((PtNDManager) root, new ByteArrayInputStream(Archive.make()), false, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Frame open() {
    NDManager frame = frames.element().newSubManager();
    frames.push(frame);
    return () -> {
      frames.remove(frame);
      frame.close();
    };
  }

  @Override
  public NDArray tensor(float[] values, long... shape) {
    return frames.element().create(values, new Shape(shape));
  }

  @Override
  public NDArray indices(int[] values) {
    return frames.element().create(Arrays.stream(values).asLongStream().toArray());
  }

  @Override
  public Supplier<List<NDArray>> bind(String method, List<NDArray> arguments) {
    NDArray first = arguments.getFirst();
    return switch (method) {
      case "gemm" -> attached(() -> first.matMul(arguments.get(1)));
      case "softmax" -> attached(() -> first.softmax(-1));
      default -> script(method, arguments);
    };
  }

  private Supplier<List<NDArray>> attached(Supplier<NDArray> operation) {
    return () -> {
      NDArray result = operation.get();
      result.attach(frames.element());
      return List.of(result);
    };
  }

  private Supplier<List<NDArray>> script(String method, List<NDArray> arguments) {
    NDArray named = frames.element().create(0f);
    named.setName(METHOD + method);
    var list = new NDList(named);
    for (NDArray argument : arguments) {
      argument.setName(LIST);
      list.add(argument);
    }
    return () -> {
      NDList results = IValueUtils.forward(works, list, true);
      results.attach(frames.element());
      return results;
    };
  }

  @Override
  public float[] values(NDArray tensor) {
    return tensor.toFloatArray();
  }
}
