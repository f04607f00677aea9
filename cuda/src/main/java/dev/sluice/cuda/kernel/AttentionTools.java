package dev.sluice.cuda.kernel;

import dev.sluice.cuda.CudaBuffer;
import dev.sluice.cuda.Device;
import dev.sluice.cuda.Kernel;
import dev.sluice.spi.AttentionSpec.Layout;

/** Kernels over operands of attention as they lie in memory, (batch, heads, rows, width). */
final class AttentionTools {
  private static final int THREADS = 256;
  private static final Layout SINGLE = new Layout(0, 0, 0);

  private final Device device;
  private final Kernel clear;
  private final Kernel look;

  AttentionTools(Device device) {
    this.device = device;
    clear = device.kernel("attention_clear");
    look = device.kernel("attention_look");
  }

  /** Writes zeros. */
  void clear(int batch, int heads, int rows, int width, Layout layout, CudaBuffer x) {
    AttentionCall.layout(clear.start().integer(batch).integer(heads).integer(rows).integer(width), layout).buffer(x)
        .run(device.blocks((long) batch * heads * rows * width, THREADS), THREADS);
  }

  /** Writes a 0 to the one element of found. */
  void begin(CudaBuffer found) {
    clear(1, 1, 1, 1, SINGLE, found);
  }

  /** Writes a 1 to found if some element is not finite. */
  void look(int batch, int heads, int rows, int width, Layout layout, CudaBuffer x, CudaBuffer found) {
    AttentionCall.layout(look.start().integer(batch).integer(heads).integer(rows).integer(width), layout).buffer(x)
        .buffer(found).run(device.blocks((long) batch * heads * rows * width, THREADS), THREADS);
  }
}
