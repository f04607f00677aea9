package dev.sluice.cuda;

import dev.sluice.spi.ElementType;
import org.jspecify.annotations.Nullable;

/** A piece of device memory that the pool made. */
final class Block {
  final long address;
  final long bytes;
  private @Nullable CudaBuffer scratch;

  Block(long address, long bytes) {
    this.address = address;
    this.bytes = bytes;
  }

  /** This block as a kernel's workspace: the same object each time. */
  CudaBuffer scratch(Device device, ElementType type, int length) {
    if (scratch == null) {
      scratch = CudaBuffer.scratch(device);
    }
    scratch.reopen(this, type, length);
    return scratch;
  }
}
