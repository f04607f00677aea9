/**
 * What is timed: each {@link dev.sluice.bench.work.Work} is a piece of work with its sizes, its name, its bars and what
 * it must cost at least, and says nothing of who does it. {@link dev.sluice.bench.work.Catalogue} lists them all;
 * a {@link dev.sluice.bench.work.Performer} does them, Sluice here and its peers elsewhere, on the same numbers.
 */
@NullMarked
package dev.sluice.bench.work;

import org.jspecify.annotations.NullMarked;
