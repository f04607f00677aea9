/**
 * What the command line shows while it works: progress on a terminal or in a log, and stderr as the launcher hands it
 * over.
 */
@NullMarked
package dev.sluice.bench.terminal;

import org.jspecify.annotations.NullMarked;
