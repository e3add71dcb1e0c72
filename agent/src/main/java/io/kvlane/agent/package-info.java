@NullMarked
package io.kvlane.agent;

import org.jspecify.annotations.NullMarked;
