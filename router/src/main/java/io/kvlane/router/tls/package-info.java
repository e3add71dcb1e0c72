/** Certificates and keys in files that are replaced while the router runs. */
@NullMarked
package io.kvlane.router.tls;

import org.jspecify.annotations.NullMarked;
