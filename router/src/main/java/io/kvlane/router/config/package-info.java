/** The router's configuration: YAML and environment into records, with errors that name the key. */
@NullMarked
package io.kvlane.router.config;

import org.jspecify.annotations.NullMarked;
