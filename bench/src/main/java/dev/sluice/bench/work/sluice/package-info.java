/**
 * Sluice doing the works of the catalogue, by what a user of the library would call: one file per family of works,
 * {@link dev.sluice.bench.work.sluice.SluicePerformer} in front.
 */
@NullMarked
package dev.sluice.bench.work.sluice;

import org.jspecify.annotations.NullMarked;
