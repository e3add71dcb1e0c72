/** The OpenAI- and Anthropic-shaped endpoints: parse what routing needs, keep the bytes. */
@NullMarked
package io.kvlane.router.api;

import org.jspecify.annotations.NullMarked;
