/**
 * How time grows with a size: {@link dev.sluice.bench.growth.GrowthCommand} times the
 * {@linkplain dev.sluice.bench.work.Series series} of the catalogue and sets the exponent of a
 * {@linkplain dev.sluice.bench.growth.PowerLaw power law} through the times beside that of the arithmetic.
 */
@NullMarked
package dev.sluice.bench.growth;

import org.jspecify.annotations.NullMarked;
