/**
 * The deterministic simulation: the production decision core against a model of everything around it, in virtual time, from a
 * seed. {@link dev.primacy.operator.sim.Simulation} is where to begin.
 */
@NullMarked
package dev.primacy.operator.sim;

import org.jspecify.annotations.NullMarked;
