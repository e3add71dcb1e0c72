package io.kvlane.agent.event;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where a copy of a block lies. Only {@link #DEVICE} copies count as cached. */
public enum Medium {
  DEVICE,
  HOST,
  DISK,
  REMOTE,
  /** A name that this reader does not know: never taken for the device. */
  OTHER;

  /**
   * Reads an event's {@code medium} and {@code locality}.
   *
   * @param name nil and empty mean the device
   * @param locality nil and {@code LOCAL} mean this engine; anything else lies elsewhere
   */
  public static Medium of(@Nullable String name, @Nullable String locality) {
    if (locality != null
        && !locality.isEmpty()
        && !locality.toUpperCase(Locale.ROOT).equals("LOCAL")) {
      return REMOTE;
    }
    if (name == null) {
      return DEVICE;
    }
    return switch (name.toUpperCase(Locale.ROOT)) {
      case "", "GPU", "DEVICE" -> DEVICE;
      case "CPU", "CPU_PINNED", "CPU_TIER1" -> HOST;
      case "CPU_TIER2", "DISK", "NVME", "STORAGE", "FS", "OBJ" -> DISK;
      case "EXTERNAL", "NETWORK", "REMOTE", "SHARED" -> REMOTE;
      default -> OTHER;
    };
  }
}
