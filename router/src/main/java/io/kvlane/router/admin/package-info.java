/** The listener for operators: metrics, health, and the admin API. */
@NullMarked
package io.kvlane.router.admin;

import org.jspecify.annotations.NullMarked;
