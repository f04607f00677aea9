/**
 * Every kernel of the seam as plain loops in double: the specification that the other backends are compared with, and
 * the fallback where none of them can run. It is written to be read: the loops look like the formulas, nothing is
 * vectorised, blocked or threaded.
 *
 * <p>The kernels are compiled a second time, for tests only, with {@code double} replaced by {@code float}: the error
 * of that float twin is the yardstick for backends that compute in float. The build makes the twin by text replacement,
 * so the sources keep to a few rules: a number of a spec enters by its own line {@code double name = spec.name();},
 * which becomes a cast; real literals have a decimal point; of {@link java.lang.Math}, only functions with a float
 * form, or exp, log, log1p, pow, sqrt and tanh are used. What must stay double in the twin stands in {@code
 * ReferenceScalars}, where only the arrays become float.
 */
@NullMarked
package dev.sluice.backend.reference;

import org.jspecify.annotations.NullMarked;
