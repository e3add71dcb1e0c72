/** Unmodified client SDKs, in their own languages, against a running region. */
@NullMarked
package io.kvlane.router.sdk;

import org.jspecify.annotations.NullMarked;
