@NullMarked
package io.kvlane.router;

import org.jspecify.annotations.NullMarked;
