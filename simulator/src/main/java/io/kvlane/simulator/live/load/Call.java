package io.kvlane.simulator.live.load;

import io.vertx.core.buffer.Buffer;

/**
 * A request to send.
 *
 * @param keepText whether the answer's text is wanted
 */
record Call(String path, Buffer body, boolean keepText) {}
