/**
 * Pages of pictures: one HTML file each, which holds all that it shows and opens without a network. What is drawn is
 * plain data; Apache ECharts, inlined, draws it in the browser.
 */
@NullMarked
package dev.sluice.bench.report;

import org.jspecify.annotations.NullMarked;
