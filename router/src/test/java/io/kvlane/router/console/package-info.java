/** The console in a real browser. */
@NullMarked
package io.kvlane.router.console;

import org.jspecify.annotations.NullMarked;
