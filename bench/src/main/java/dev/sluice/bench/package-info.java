/**
 * Sluice's command line. {@link dev.sluice.bench.Main} is where it starts; a command is a class of its own in a package
 * of its own: {@code train} for training runs, {@code doctor} for what this machine can do.
 *
 * <p>Exit codes are {@link dev.sluice.bench.Exit}'s.
 */
@NullMarked
package dev.sluice.bench;

import org.jspecify.annotations.NullMarked;
