/**
 * Makes the golden values of the tests with libtorch: inputs, parameters, results and gradients of what PyTorch
 * computes.
 *
 * <p>Compiled and run by the Maven profile {@code golden} alone; see {@link dev.sluice.golden.Main} for the command.
 * Nothing here uses the library, so the values are independent of what they judge.
 */
package dev.sluice.golden;
