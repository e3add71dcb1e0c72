package io.kvlane.simulator.live.load;

import io.vertx.core.buffer.Buffer;

/**
 * A request to send.
 *
 * @param session whose request it is, not negative
 * @param number of the request, unique in its session
 * @param keepText whether the answer's text is wanted
 */
record Call(long session, int number, String path, Buffer body, boolean keepText) {}
