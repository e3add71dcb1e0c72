package io.kvlane.router.config;

import java.util.Locale;

/**
 * Where a setting is: its path in the file and its environment variable.
 *
 * @param path like {@code pools[0].chunkBytes}, empty for the whole
 * @param variable like {@code KVLANE_POOLS_0_CHUNK_BYTES}
 */
record Place(String path, String variable) {
  static final Place ROOT = new Place("", "KVLANE");

  Place key(String name) {
    String snake = name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    return new Place(path.isEmpty() ? name : path + '.' + name, variable + '_' + snake);
  }

  Place item(int index) {
    return new Place(path + '[' + index + ']', variable + '_' + index);
  }
}
