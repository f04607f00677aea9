/**
 * The regression gate: another revision's library and this one's play the same works in turn, and a row is slower only
 * where that is large, certain and found twice.
 */
@NullMarked
package dev.sluice.bench.gate;

import org.jspecify.annotations.NullMarked;
