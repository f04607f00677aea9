/** What this machine can do: the command {@code sluice doctor}. */
@NullMarked
package dev.sluice.bench.doctor;

import org.jspecify.annotations.NullMarked;
