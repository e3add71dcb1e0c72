/**
 * Studies over the simulated fleet: scenario files, grids of runs, saturation, summaries, tables
 * and plots.
 */
@NullMarked
package io.kvlane.simulator.study;

import org.jspecify.annotations.NullMarked;
