package dev.sluice.bench.peers;

import java.util.List;

/**
 * How a work without a state is done.
 *
 * @param results the names of the results
 * @param arguments of every method
 * @param methods of works.py that do the work, of which the fastest is to be taken
 */
record Plan<T>(List<String> results, List<T> arguments, String... methods) {}
