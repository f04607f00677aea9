package dev.sluice.autograd;

import dev.sluice.Shape;
import dev.sluice.Tape;
import dev.sluice.Tensor;
import dev.sluice.spi.Backend;
import dev.sluice.spi.CopySpec;
import dev.sluice.spi.ElementType;
import dev.sluice.spi.EmbeddingSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The same elements in other places, for tensors of every element type. {@link #reshape} and what is made of it share
 * the buffer; the others copy. Dimensions may be counted from the end: -1 is the last.
 */
public final class Shaping {
  private Shaping() {}

  /** The same elements under other sizes; one of them may be -1 and is then what remains. Shares the buffer. */
  public static Tensor reshape(Tensor x, int... sizes) {
    return view("reshape", x, resolve(x, sizes));
  }

  /** Merges the dimensions from one to another, both included. */
  public static Tensor flatten(Tensor x, int from, int to) {
    Shape shape = x.shape();
    int first = shape.dimension(from);
    int last = shape.dimension(to);
    Checks.require(first <= last, "flatten", "dimensions are " + from + " to " + to, "the first not after the last");
    return view("flatten", x, shape.slice(0, first).plus(shape.elements(first, last + 1))
        .plus(shape.slice(last + 1, shape.rank()).toArray()));
  }

  /** Removes a dimension of size 1. */
  public static Tensor squeeze(Tensor x, int dimension) {
    Checks.shape(x.size(dimension) == 1, "squeeze", "tensor", x, "size 1 in dimension " + dimension);
    return view("squeeze", x, x.shape().without(dimension));
  }

  /** Inserts a dimension of size 1, which then is this one. */
  public static Tensor unsqueeze(Tensor x, int dimension) {
    int rank = x.rank();
    int place = dimension < 0 ? dimension + rank + 1 : dimension;
    if (place < 0 || place > rank) {
      throw Checks.refusal("unsqueeze", "dimension is " + dimension, -rank - 1 + " to " + rank);
    }
    return view("unsqueeze", x, x.shape().slice(0, place).plus(1).plus(x.shape().slice(place, rank).toArray()));
  }

  /** Reorders dimensions: dimension d of the result is dimension {@code order[d]} of x. */
  public static Tensor permute(Tensor x, int... order) {
    int rank = x.rank();
    int[] dimensions = Arrays.stream(order).map(d -> x.shape().dimension(d)).toArray();
    if (dimensions.length != rank || IntStream.of(dimensions).distinct().count() != rank) {
      throw Checks.refusal("permute", "order is " + Arrays.toString(order), "each of the " + rank + " dimensions once");
    }
    int[] strides = x.shape().strides();
    int[] inverse = new int[rank];
    for (int d = 0; d < rank; d++) {
      inverse[dimensions[d]] = d;
    }
    Shape shape = Shape.of(Arrays.stream(dimensions).map(x::size).toArray());
    Tensor y = copied(x, shape, 0, Arrays.stream(dimensions).map(d -> strides[d]).toArray());
    Tape.record("permute", List.of(x), List.of(), List.of(y), gradients -> new Tensor[] {permute(gradients[0],
        inverse)});
    return y;
  }

  /** Swaps two dimensions. */
  public static Tensor transpose(Tensor x, int first, int second) {
    int[] order = IntStream.range(0, x.rank()).toArray();
    order[x.shape().dimension(first)] = x.shape().dimension(second);
    order[x.shape().dimension(second)] = x.shape().dimension(first);
    return permute(x, order);
  }

  /** Repeats x along dimensions of size 1, and along new ones before it. */
  public static Tensor expand(Tensor x, int... sizes) {
    Shape shape = Shape.of(sizes);
    Checks.shape(Broadcasting.stretches(x.shape(), shape), "expand", "tensor", x, "a shape that stretches to " + shape);
    Tensor y = copied(x, shape, 0, Broadcasting.strides(x.shape(), shape));
    Tape.record("expand", List.of(x), List.of(), List.of(y),
        gradients -> new Tensor[] {Broadcasting.sumTo(gradients[0], x.shape())});
    return y;
  }

  /** The part of a dimension that starts at an index and is so long. */
  public static Tensor narrow(Tensor x, int dimension, int start, int length) {
    int d = x.shape().dimension(dimension);
    Checks.require(start >= 0 && length >= 0 && start + (long) length <= x.size(d), "narrow",
        "start is " + start + " and length " + length, "a part of size " + x.size(d));
    int[] strides = x.shape().strides();
    Shape shape = x.shape().with(d, length);
    int offset = offset(shape, start, strides[d]);
    Tensor y = copied(x, shape, offset, strides);
    Tape.record("narrow", List.of(x), List.of(), List.of(y), gradients -> {
      Tensor gradX = Tensor.full(x.backend(), x.shape(), 0);
      place(gradients[0], gradX, offset, strides);
      return new Tensor[] {gradX};
    });
    return y;
  }

  /** The slice at an index of a dimension, without that dimension. */
  public static Tensor select(Tensor x, int dimension, int index) {
    int size = x.size(dimension);
    if (index < -size || index >= size) {
      throw Checks.refusal("select", "index is " + index, -size + " to " + (size - 1));
    }
    return squeeze(narrow(x, dimension, index < 0 ? index + size : index, 1), dimension);
  }

  /**
   * The slices at some indices of a dimension, in their order, as torch.index_select.
   *
   * @param x REAL
   * @param indices each 0 to the dimension's size less 1; one may be there more than once
   */
  public static Tensor indexSelect(Tensor x, int dimension, int... indices) {
    Checks.real("indexSelect", "tensor", x);
    int d = x.shape().dimension(dimension);
    int size = x.size(d);
    for (int i = 0; i < indices.length; i++) {
      Checks.require(indices[i] >= 0 && indices[i] < size, "indexSelect", "indices[" + i + "] is " + indices[i],
          "0 to " + (size - 1));
    }
    int outer = x.shape().elements(0, d);
    int[] rows = new int[Math.multiplyExact(outer, indices.length)];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = row / indices.length * size + indices[row % indices.length];
    }
    Tensor table = reshape(x, outer * size, x.shape().elements(d + 1, x.rank()));
    Tensor selected =
        Embeddings.embedding(Tensor.of(x.backend(), rows, rows.length), table, EmbeddingSpec.NO_PADDING);
    return view("indexSelect", selected, x.shape().with(d, indices.length));
  }

  /** Cuts a dimension into equal parts (the last may be shorter). */
  public static List<Tensor> chunk(Tensor x, int parts, int dimension) {
    Checks.require(parts >= 1, "chunk", "parts is " + parts, "1 or more");
    int d = x.shape().dimension(dimension);
    int size = x.size(d);
    int length = Math.max(Math.ceilDiv(size, parts), 1);
    int[] strides = x.shape().strides();
    List<Tensor> chunks = new ArrayList<>();
    for (int start = 0; start < size; start += length) {
      Shape shape = x.shape().with(d, Math.min(length, size - start));
      chunks.add(copied(x, shape, offset(shape, start, strides[d]), strides));
    }
    // One operation of many outputs: its gradient is written once, not added up from a whole one for each chunk.
    Tape.record("chunk", List.of(x), List.of(), chunks, gradients -> {
      Tensor gradX = Tensor.full(x.backend(), x.shape(), 0);
      for (int i = 0; i < gradients.length; i++) {
        Tensor gradient = gradients[i];
        if (gradient != null) {
          place(gradient, gradX, offset(gradient.shape(), i * length, strides[d]), strides);
        }
      }
      return new Tensor[] {gradX};
    });
    return List.copyOf(chunks);
  }

  /** Joins tensors along a dimension; the other sizes, and the element types, are equal. */
  public static Tensor cat(List<Tensor> parts, int dimension) {
    List<Tensor> tensors = List.copyOf(parts);
    Backend backend = Checks.backend("cat", tensors.toArray(Tensor[]::new));
    Tensor first = tensors.getFirst();
    int d = first.shape().dimension(dimension);
    int total = 0;
    for (Tensor tensor : tensors) {
      Checks.type("cat", "tensor", tensor, first.type());
      if (tensor.rank() != first.rank() || !tensor.shape().with(d, 0).equals(first.shape().with(d, 0))) {
        throw Checks.refusal("cat", "tensor has shape " + tensor.shape(), first.shape() + " but for dimension " + d);
      }
      total = Math.addExact(total, tensor.size(d));
    }
    Tensor y = Tensor.allocate(backend, first.type(), first.shape().with(d, total));
    int[] strides = y.shape().strides();
    int start = 0;
    for (Tensor tensor : tensors) {
      place(tensor, y, offset(tensor.shape(), start, strides[d]), strides);
      start += tensor.size(d);
    }
    Tape.record("cat", tensors, List.of(), List.of(y), gradients -> {
      @Nullable Tensor[] gradParts = new Tensor[tensors.size()];
      int from = 0;
      for (int i = 0; i < gradParts.length; i++) {
        int length = tensors.get(i).size(d);
        gradParts[i] = tensors.get(i).requiresGrad() ? narrow(gradients[0], d, from, length) : null;
        from += length;
      }
      return gradParts;
    });
    return y;
  }

  /** Joins tensors of one shape along a new dimension. */
  public static Tensor stack(List<Tensor> tensors, int dimension) {
    Checks.require(!tensors.isEmpty(), "stack", "no tensor", "one or more");
    int place = dimension < 0 ? dimension + tensors.getFirst().rank() + 1 : dimension;
    return cat(tensors.stream().map(tensor -> unsqueeze(tensor, place)).toList(), place);
  }

  /** Reverses the order along a dimension. */
  public static Tensor flip(Tensor x, int dimension) {
    int d = x.shape().dimension(dimension);
    int[] strides = x.shape().strides();
    int offset = x.elements() == 0 ? 0 : (x.size(d) - 1) * strides[d];
    strides[d] = -strides[d];
    Tensor y = copied(x, x.shape(), offset, strides);
    Tape.record("flip", List.of(x), List.of(), List.of(y), gradients -> new Tensor[] {flip(gradients[0], d)});
    return y;
  }

  private static Tensor view(String operation, Tensor x, Shape shape) {
    Tensor y = x.alias(shape);
    Tape.record(operation, List.of(x), List.of(), List.of(y),
        gradients -> new Tensor[] {gradients[0].alias(x.shape())});
    return y;
  }

  private static Tensor copied(Tensor x, Shape shape, int offset, int[] strides) {
    Tensor y = Tensor.allocate(x.backend(), x.type(), shape);
    x.backend().memory().copy(
        new CopySpec(x.type(), shape.toArray(), offset, strides, 0, shape.strides(), 1, false), x.buffer(), y.buffer());
    return y;
  }

  /** Where a part of this shape starts; an empty one, which may lie behind the last element, starts nowhere. */
  private static int offset(Shape part, int start, int stride) {
    return part.elements() == 0 ? 0 : start * stride;
  }

  /** Writes a dense source into a part of a target. */
  private static void place(Tensor source, Tensor target, int offset, int[] strides) {
    ElementType type = source.type();
    Shape shape = source.shape();
    target.backend().memory().copy(
        new CopySpec(type, shape.toArray(), 0, shape.strides(), offset, strides, 1, false), source.buffer(),
            target.buffer());
  }

  private static Shape resolve(Tensor x, int[] sizes) {
    int[] resolved = sizes.clone();
    int open = -1;
    long known = 1;
    for (int d = 0; d < sizes.length; d++) {
      if (sizes[d] == -1 && open < 0) {
        open = d;
      } else {
        known *= sizes[d];
      }
    }
    if (open >= 0 && known > 0) {
      resolved[open] = (int) (x.elements() / known);
      known *= resolved[open];
    }
    if (known != x.elements() || Arrays.stream(resolved).anyMatch(size -> size < 0)) {
      throw Checks.refusal("reshape", "sizes are " + Arrays.toString(sizes) + " for a tensor " + x.shape(),
          "sizes of " + x.elements() + " elements");
    }
    return Shape.of(resolved);
  }
}
