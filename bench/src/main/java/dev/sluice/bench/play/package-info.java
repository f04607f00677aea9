/**
 * Performers timed against one another. Each is a {@link dev.sluice.bench.play.Player}, a process of its own that holds
 * one performer and one work, and idles while others are timed; {@link dev.sluice.bench.play.Seat} is the other end of
 * its pipes. A {@link dev.sluice.bench.play.Contest} seats the players of a work, compares their results before
 * anything is timed, and asks them in turn; {@link dev.sluice.bench.play.Ceilings} are what the machine could do.
 */
@NullMarked
package dev.sluice.bench.play;

import org.jspecify.annotations.NullMarked;
