package io.kvlane.agent;

import io.kvlane.agent.source.EventFeed;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one agent works on.
 *
 * @param replica its id, unique in the region
 * @param engine the engine's base address
 * @param advertise the address that routers use
 * @param events where KV events come from, one for each of the engine's publishers (data-parallel
 *     ranks); empty to work without
 * @param model the name that roots this pool's chains; null for the engine's first
 * @param blockSize tokens per block, 0 for the engine's own
 * @param cacheTokens the engine's cache size, 0 for what it says
 */
public record AgentSettings(
    String replica,
    URI engine,
    URI advertise,
    List<EventFeed.Settings> events,
    @Nullable String model,
    int blockSize,
    long cacheTokens) {

  public AgentSettings {
    events = List.copyOf(events);
  }
}
