package dev.sluice.bench.jmh;

import static dev.sluice.bench.jmh.Kernels.HEADS;
import static dev.sluice.bench.jmh.Kernels.HEAD_WIDTH;
import static dev.sluice.bench.jmh.Kernels.LENGTH;

import dev.sluice.spi.AttentionKernels;
import dev.sluice.spi.AttentionSpec;
import dev.sluice.spi.AttentionSpec.Causal;
import dev.sluice.spi.AttentionSpec.Layout;
import dev.sluice.spi.Buffer;
import dev.sluice.spi.Dropout;
import dev.sluice.spi.Selection;
import java.util.ArrayList;
import java.util.List;

/** Attention of whole sequences. */
public class AttentionBenchmark extends KernelBenchmark {
  static List<Kernel> kernels() {
    List<Kernel> kernels = new ArrayList<>();
    for (Causal causal : List.of(Causal.NONE, Causal.TOP_LEFT)) {
      String name = causal == Causal.NONE ? "" : " causal";
      AttentionSpec spec = spec(LENGTH, causal);
      kernels.add(Kernel.of(AttentionBenchmark.class, "forward" + name, buffers -> forward(spec, buffers)));
      kernels.add(Kernel.of(AttentionBenchmark.class, "backward" + name, buffers -> backward(spec, buffers)));
    }
    AttentionSpec asking = spec(1, Causal.NONE);
    kernels.add(Kernel.of(AttentionBenchmark.class, "forward one query", buffers -> forward(asking, buffers)));
    kernels.add(Kernel.of(AttentionBenchmark.class, "backward one query", buffers -> backward(asking, buffers)));
    AttentionSpec hard = spec(LENGTH, Causal.NONE).withSelection(new Selection.Largest(LENGTH / 16, false));
    kernels.add(Kernel.of(AttentionBenchmark.class, "forward largest", buffers -> forward(hard, buffers)));
    kernels.add(Kernel.of(AttentionBenchmark.class, "backward largest", buffers -> backward(hard, buffers)));
    return kernels;
  }

  private static AttentionSpec spec(int queries, Causal causal) {
    Layout asking = Layout.headsFirst(HEADS, queries, HEAD_WIDTH);
    Layout asked = Layout.headsFirst(HEADS, LENGTH, HEAD_WIDTH);
    return new AttentionSpec(1, HEADS, HEADS, queries, LENGTH, HEAD_WIDTH, HEAD_WIDTH, asking, asked, asked, asking,
        1 / Math.sqrt(HEAD_WIDTH), causal, null, null, false, Dropout.NONE);
  }

  private static Buffer queries(AttentionSpec spec, Buffers buffers) {
    return buffers.real(HEADS * spec.queries() * HEAD_WIDTH);
  }

  private static Buffer keys(Buffers buffers) {
    return buffers.real(HEADS * LENGTH * HEAD_WIDTH);
  }

  private static AttentionKernels.Inputs inputs(AttentionSpec spec, Buffers buffers) {
    return new AttentionKernels.Inputs(queries(spec, buffers), keys(buffers), keys(buffers), null, null, null);
  }

  private static Runnable forward(AttentionSpec spec, Buffers buffers) {
    AttentionKernels kernels = buffers.backend().attention();
    AttentionKernels.Inputs inputs = inputs(spec, buffers);
    Buffer output = queries(spec, buffers);
    return () -> kernels.attention(spec, inputs, output, null, null);
  }

  private static Runnable backward(AttentionSpec spec, Buffers buffers) {
    AttentionKernels kernels = buffers.backend().attention();
    AttentionKernels.Inputs inputs = inputs(spec, buffers);
    Buffer output = queries(spec, buffers);
    Buffer reserve = buffers.real(kernels.attentionReserve(spec));
    kernels.attention(spec, inputs, output, null, reserve);
    Buffer gradient = queries(spec, buffers);
    var gradients =
        new AttentionKernels.Gradients(queries(spec, buffers), keys(buffers), keys(buffers), null);
    return () -> kernels.attentionBackward(spec, inputs, output, reserve, gradient, null, gradients);
  }
}
