/** The command {@code sluice hard}: how much time hard attention saves. */
@NullMarked
package dev.sluice.bench.hard;

import org.jspecify.annotations.NullMarked;
