/**
 * Instruments for tests: {@link dev.sluice.testing.CheckingBackend} decorates a backend, counts what it is asked to do
 * and refuses calls that break the contract of {@code dev.sluice.spi}.
 */
@NullMarked
package dev.sluice.testing;

import org.jspecify.annotations.NullMarked;
