package io.kvlane.router;

import io.kvlane.router.config.ConfigException;
import io.kvlane.router.config.ConfigLoader;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.region.Regions;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the configuration file now and then: other regions come and go while routers run. All
 * else takes a restart.
 */
final class ConfigWatch {
  private static final Logger log = LoggerFactory.getLogger(ConfigWatch.class);
  private static final long PERIOD_MILLIS = 1_000;

  private final Vertx vertx;
  private final Path file;
  private final Regions regions;
  private RouterConfig present;
  private @Nullable FileTime seen;

  /**
   * @param file that was loaded
   * @param present what it said
   */
  ConfigWatch(Vertx vertx, Path file, RouterConfig present, Regions regions) {
    this.vertx = vertx;
    this.file = file;
    this.present = present;
    this.regions = regions;
    this.seen = changed();
  }

  void start() {
    vertx.setPeriodic(
        PERIOD_MILLIS,
        timer ->
            vertx.executeBlocking(
                () -> {
                  look();
                  return null;
                }));
  }

  private @Nullable FileTime changed() {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return null; // being replaced: it will be there at the next look
    }
  }

  private synchronized void look() {
    FileTime now = changed();
    if (now == null || now.equals(seen)) {
      return;
    }
    seen = now;
    try {
      RouterConfig next = new ConfigLoader(System.getenv()).load(file);
      if (!next.withRegionsOf(present).equals(present)) {
        log.warn("{} has changed in more than link.regions: that takes a restart", file);
      }
      regions.update(next.link().regions());
      present = next;
    } catch (ConfigException e) {
      log.warn("The changed configuration is not used: {}", e.getMessage());
    }
  }
}
