/**
 * The float twin of the reference backend, for tests: its kernels are the reference's sources, rewritten by the build.
 */
@NullMarked
package dev.sluice.backend.referencefloat;

import org.jspecify.annotations.NullMarked;
