/**
 * Modules: things with parameters that compute. {@link dev.sluice.nn.Module} holds parameters, buffers and children by
 * name and gives and takes them as a {@link dev.sluice.nn.StateDict}, {@link dev.sluice.nn.Layer} is what goes into a
 * {@link dev.sluice.nn.Sequential}, and {@link dev.sluice.nn.Init} draws initial values. Names, layouts, defaults and
 * initial distributions are those of torch.nn, so that a state dictionary means the same in both.
 *
 * <p>What draws takes a {@link dev.sluice.Generator}: there is no global one. Initial values are drawn on the host and
 * rounded to float, the same on every backend.
 */
@NullMarked
package dev.sluice.nn;

import org.jspecify.annotations.NullMarked;
