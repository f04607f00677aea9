/**
 * The operations on tensors: static functions, meant to be imported statically, one class per family, forward and
 * backward side by side.
 *
 * <p>Each function checks types, shapes and backends first and throws {@link IllegalArgumentException} before anything
 * is computed; takes the kernel from its tensors' backend; and records on the {@link dev.sluice.Tape} how gradients
 * flow. No function names a backend, and every operation refuses tensors of two backends. Where a function exists in
 * PyTorch, name, arguments and meaning are PyTorch's.
 */
@NullMarked
package dev.sluice.autograd;

import org.jspecify.annotations.NullMarked;
