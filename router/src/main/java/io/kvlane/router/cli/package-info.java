/**
 * {@code kvlane}, the operators' command line: a client of the admin API and of nothing else here.
 */
@NullMarked
package io.kvlane.router.cli;

import org.jspecify.annotations.NullMarked;
