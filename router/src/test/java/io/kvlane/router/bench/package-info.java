/** Measures the router's relay beside other proxies: a light engine and a load generator. */
@NullMarked
package io.kvlane.router.bench;

import org.jspecify.annotations.NullMarked;
