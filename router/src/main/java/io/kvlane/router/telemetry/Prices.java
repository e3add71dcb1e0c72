package io.kvlane.router.telemetry;

import io.kvlane.router.config.RouterConfig;
import java.util.List;

/** What tokens cost: the configuration's table. Immutable. */
public final class Prices {
  private static final double MILLION = 1e6;

  private final List<RouterConfig.Price> table;

  public Prices(List<RouterConfig.Price> table) {
    this.table = List.copyOf(table);
  }

  /**
   * What it saves that so many tokens of a prompt were cached, in millionths of a dollar; 0 for a
   * model that has no price.
   */
  public double savedMicroUsd(String model, long cachedTokens) {
    for (RouterConfig.Price price : table) {
      if (price.model().equals("*") || price.model().equals(model)) {
        return cachedTokens * (price.prefillMicroUsd() - price.cachedMicroUsd()) / MILLION;
      }
    }
    return 0;
  }
}
