/**
 * Weights on disk. {@link dev.sluice.io.Safetensors} reads and writes the safetensors format, memory-mapped and without
 * a dependency; {@link dev.sluice.io.StateFiles} keeps a module's state dictionary in such a file:
 *
 * <pre>{@code
 * StateFiles.save(Path.of("model.safetensors"), model.stateDict(), Map.of("format", "pt"));
 * model.loadStateDict(StateFiles.load(Path.of("model.safetensors")), true);
 * }</pre>
 *
 * <p>Names, shapes and gate order are those of PyTorch where PyTorch has the layer, so such a file moves to and from
 * it. What is not a well-formed file is refused by {@link dev.sluice.io.SafetensorsException} before anything of it is
 * used; a file appears whole, by atomic rename, or not at all.
 */
@NullMarked
package dev.sluice.io;

import org.jspecify.annotations.NullMarked;
