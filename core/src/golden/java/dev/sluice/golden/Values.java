package dev.sluice.golden;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * The numbers of one tensor on the host, row-major.
 *
 * @param whole whether they are integers (ids, lengths, masks as 0 and 1) and written as such
 */
record Values(long[] shape, double[] data, boolean whole) {

  /** Copies a tensor of any element type; float32 values keep their exact value. */
  static Values of(Tensor tensor) {
    var type = tensor.scalar_type().intern();
    var wide = tensor.detach().to(torch.ScalarType.Double).contiguous();
    var data = new double[Math.toIntExact(wide.numel())];
    wide.data_ptr_double().get(data);
    return new Values(shapeOf(tensor), data, type == torch.ScalarType.Long || type == torch.ScalarType.Bool);
  }

  static long[] shapeOf(Tensor tensor) {
    var shape = new long[Math.toIntExact(tensor.dim())];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = tensor.size(axis);
    }
    return shape;
  }

  /** A float64 tensor of these numbers. */
  static Tensor real(double[] data, long... shape) {
    var options = new TensorOptions(torch.ScalarType.Double);
    return torch.from_blob(new DoublePointer(data), new long[] {data.length}, options).clone().reshape(shape);
  }

  /** An int64 tensor of these numbers. */
  static Tensor integers(long[] data, long... shape) {
    var options = new TensorOptions(torch.ScalarType.Long);
    return torch.from_blob(new LongPointer(data), new long[] {data.length}, options).clone().reshape(shape);
  }
}
