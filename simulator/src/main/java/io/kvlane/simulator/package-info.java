@NullMarked
package io.kvlane.simulator;

import org.jspecify.annotations.NullMarked;
