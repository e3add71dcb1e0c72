package io.kvlane.router.control;

import com.hazelcast.core.HazelcastInstance;
import io.kvlane.router.admin.AdminParts;
import io.kvlane.router.admin.AuditTrail;
import io.kvlane.router.admin.RegionInsight;
import io.kvlane.router.admin.Remote;
import io.kvlane.router.config.ConfigException;
import io.kvlane.router.config.RouterConfig;
import io.kvlane.router.policy.ChangeDecider;
import io.kvlane.router.policy.InvalidResource;
import io.kvlane.router.policy.Policies;
import io.kvlane.router.policy.PolicyStore;
import io.kvlane.router.policy.Rollouts;
import io.kvlane.router.policy.RouterStatus;
import io.kvlane.router.policy.State;
import io.kvlane.router.policy.StateText;
import io.kvlane.router.policy.Validator;
import io.kvlane.router.region.OtherRegion;
import io.kvlane.router.region.Regions;
import io.kvlane.router.routing.Operations;
import io.kvlane.router.telemetry.Insight;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this router at the newest revision, from wherever that comes: the store, another router of
 * the region, or one of another region. Each source has a thread of its own, so that none that
 * hangs holds up the others; requests wait for none of them.
 */
public final class ControlPlane implements AutoCloseable {
  /** What a router serves, in its directory. */
  static final String LAST_GOOD = "last-good";

  private static final Logger log = LoggerFactory.getLogger(ControlPlane.class);
  private static final long LOOK_MILLIS = 50;
  private static final long SAY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long REGION_MILLIS = 500;

  private final RouterConfig config;
  private final Policies policies;
  private final Validator validator;
  private final Rollouts rollouts;
  private final @Nullable RolloutKeeper keeper;
  private final @Nullable PolicyStore store;
  private final @Nullable Remote remote;
  private final @Nullable RegionCopy copy;
  private final @Nullable Regions regions;
  private final @Nullable AuditRelay audit;
  private final ScheduledExecutorService storeThread = thread("policies-store");
  private final ScheduledExecutorService regionThread = thread("policies-region");
  private final ScheduledExecutorService linkThread = thread("policies-link");
  private final AtomicBoolean fetching = new AtomicBoolean();
  private final AtomicBoolean told = new AtomicBoolean();

  private volatile List<RouterStatus> mates = List.of();
  private volatile @Nullable Text text;
  private @Nullable RouterStatus said;
  private long saidAt;
  private boolean storeAnswers = true;
  private boolean looked;
  private boolean regionAnswers = true;

  /** A revision as it travels. */
  private record Text(long revision, Buffer bytes) {}

  private ControlPlane(
      RouterConfig config,
      Policies policies,
      Validator validator,
      @Nullable PolicyStore store,
      @Nullable Remote remote,
      @Nullable RegionCopy copy,
      @Nullable Regions regions,
      @Nullable AuditRelay audit,
      MeterRegistry registry) {
    this.config = config;
    this.policies = policies;
    this.validator = validator;
    this.store = store;
    this.remote = remote;
    this.copy = copy;
    this.regions = regions;
    this.audit = audit;
    this.rollouts = new Rollouts(this::seen, System::nanoTime, registry);
    this.keeper =
        store == null
            ? null
            : new RolloutKeeper(
                store,
                new ChangeDecider(validator),
                rollouts,
                config.policies().rollbackOnNack(),
                InstantSource.system(),
                registry);
    Gauge.builder("kvlane.config.revision", policies, p -> p.current().revision())
        .description("Revision of the policies that this router serves")
        .register(registry);
    Gauge.builder("kvlane.config.refused", policies, p -> p.status().refused())
        .description("Revision that this router does not serve, or could not save; 0 for none")
        .register(registry);
    if (copy != null) {
      Gauge.builder("kvlane.config.age", policies, p -> p.status().configAge().toMillis() / 1e3)
          .description("Time since the revision was last known to be the newest")
          .baseUnit("seconds")
          .register(registry);
    }
  }

  /** That of a router which has no policies but what its configuration says. */
  public static ControlPlane builtIn(RouterConfig config, MeterRegistry registry) {
    return builtIn(config, null, registry);
  }

  private static ControlPlane builtIn(
      RouterConfig config, @Nullable Regions regions, MeterRegistry registry) {
    var validator = new Validator(() -> known(config, regions));
    Policies policies = Policies.of(BuiltInPolicy.of(config));
    return new ControlPlane(config, policies, validator, null, null, null, regions, null, registry);
  }

  /**
   * Begins with what this router served last.
   *
   * @param hazelcast the region's cluster; stays the caller's
   * @param regions the other regions, null if there are none
   * @throws ConfigException if a file that {@code policies} names cannot be used
   */
  public static ControlPlane of(
      Vertx vertx,
      RouterConfig config,
      HazelcastInstance hazelcast,
      @Nullable Regions regions,
      MeterRegistry registry)
      throws ConfigException {
    RouterConfig.Policies settings = config.policies();
    if (!settings.enabled()) {
      return builtIn(config, regions, registry);
    }
    Path directory = Path.of(settings.directory()).toAbsolutePath();
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new ConfigException("policies.directory: cannot be made: " + e.getMessage());
    }
    boolean here = isControl(config);
    boolean owner = hasStore(config);
    PolicyStore store = owner ? store(config, directory) : null;
    Remote remote = null;
    if (here && !owner) {
      remote = StoreRoute.toOwner(vertx, settings.store().owner(), config.admin().tls());
    } else if (!here && regions != null) {
      remote = StoreRoute.overLink(regions, settings.control());
    }
    var validator = new Validator(() -> known(config, regions));
    Policies policies =
        Policies.load(
            directory.resolve(LAST_GOOD),
            BuiltInPolicy.of(config),
            validator,
            InstantSource.system());
    var copy = new RegionCopy(hazelcast);
    AuditRelay audit = null;
    if (store != null) {
      audit = new AuditRelay(store::note, registry);
    } else if (here) {
      audit = new AuditRelay(copy::tell, registry);
    } else if (regions != null) {
      String control = settings.control();
      audit = new AuditRelay(StoreRoute.auditOverLink(regions, control), registry);
    }
    return new ControlPlane(
        config, policies, validator, store, remote, copy, regions, audit, registry);
  }

  private static boolean isControl(RouterConfig config) {
    String control = config.policies().control();
    return control.isEmpty() || control.equals(config.region());
  }

  /** Whether a router with this configuration asks the store itself. */
  static boolean hasStore(RouterConfig config) {
    RouterConfig.Policies settings = config.policies();
    return settings.enabled() && isControl(config) && settings.store().owner().isEmpty();
  }

  /** The store that a router with this configuration has. */
  static PolicyStore store(RouterConfig config, Path directory) throws ConfigException {
    RouterConfig.Store settings = config.policies().store();
    String url =
        settings.url().isEmpty() ? "jdbc:h2:file:" + directory.resolve("store") : settings.url();
    String password = "";
    if (!settings.passwordFile().isEmpty()) {
      try {
        password = Files.readString(Path.of(settings.passwordFile())).strip();
      } catch (IOException e) {
        throw new ConfigException("policies.store.passwordFile: cannot be read: " + e.getMessage());
      }
    }
    return PolicyStore.of(
        url, settings.user(), password, BuiltInPolicy.first(config), InstantSource.system());
  }

  private static Set<String> known(RouterConfig config, @Nullable Regions others) {
    Set<String> names = new TreeSet<>(Set.of(config.region()));
    if (others != null) {
      names.addAll(others.names());
    }
    return names;
  }

  private static ScheduledExecutorService thread(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().name(name).daemon().factory());
  }

  /** Begins to look for newer revisions. */
  public void start() {
    if (copy == null) {
      return;
    }
    if (audit != null) {
      audit.start();
    }
    if (store != null) {
      long every = config.policies().every().toMillis();
      var _ =
          storeThread.scheduleWithFixedDelay(this::lookAtStore, 0, every, TimeUnit.MILLISECONDS);
    }
    copy.onChange(this::regionChanged);
    // What a listener is not told, a look now and then finds.
    var _ =
        regionThread.scheduleWithFixedDelay(
            this::lookAtRegion, 0, REGION_MILLIS, TimeUnit.MILLISECONDS);
    var _ =
        linkThread.scheduleWithFixedDelay(this::lookAtLink, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** What this router serves. */
  public Policies policies() {
    return policies;
  }

  /** What the admin API works on. */
  public AdminParts parts(@Nullable Operations operations, Insight insight) {
    return new AdminParts(
        config.region(),
        config.router().id(),
        policies,
        new ChangeDecider(validator),
        rollouts,
        store,
        remote,
        operations,
        new RegionInsight(insight, this::others, this::other),
        this::written,
        audit == null ? AuditTrail.NONE : audit);
  }

  private Set<String> others() {
    Regions others = regions;
    return others == null ? Set.of() : others.names();
  }

  /** The way to a router of another region, null if it is not known. */
  private @Nullable Remote other(String region) {
    Regions others = regions;
    return others != null && others.names().contains(region)
        ? StoreRoute.overLink(others, region)
        : null;
  }

  /** What the region's routers serve, for other regions. */
  public List<RouterStatus> routers() {
    return mates;
  }

  /** The revision that is served, for other regions' routers. */
  public Buffer revision() {
    State state = policies.state();
    Text made = text;
    if (made == null || made.revision != state.revision()) {
      made = new Text(state.revision(), Buffer.buffer(StateText.write(state)));
      text = made;
    }
    return made.bytes;
  }

  /**
   * Takes a line of the audit log that another region's router tells.
   *
   * @param region that its certificate names
   * @return whether it was taken
   */
  public boolean audit(String region, Buffer line) {
    AuditRelay relay = audit;
    return relay != null && relay.take(region, line);
  }

  /** Somebody has written here: nobody waits for the next look. */
  private void written() {
    try {
      storeThread.execute(this::lookAtStore);
    } catch (RejectedExecutionException e) {
      log.debug("Written while stopping");
    }
  }

  /** Something in the region's copy has changed, or this router's revision: one look for many. */
  private void regionChanged() {
    if (told.compareAndSet(false, true)) {
      try {
        regionThread.execute(this::lookAtRegion);
      } catch (RejectedExecutionException e) {
        log.debug("Changed while stopping");
      }
    }
  }

  /** An exception would end the schedule; the store's absence must not. */
  private void lookAtStore() {
    PolicyStore from = store;
    if (from == null) {
      return;
    }
    try {
      State served = policies.state(); // before the store is asked: it had that already
      State newest = from.current();
      boolean lost = newest.hasLost(served);
      if (looked && newest.revision() > policies.current().revision()) {
        rollouts.committed(newest.revision());
      }
      looked = true; // what was there before is not of now
      Policies.Status before = policies.status();
      if (lost) {
        policies.lost(newest);
      } else {
        policies.apply(newest);
      }
      Policies.Status now = policies.status();
      if (now.revision() != before.revision() || now.refused() != before.refused()) {
        regionChanged();
      }
      rollouts.look();
      RolloutKeeper guard = keeper;
      if (guard != null && !lost && guard.look(newest)) {
        storeThread.execute(this::lookAtStore);
      }
      storeAnswers = true;
    } catch (RuntimeException e) {
      if (storeAnswers) {
        log.warn("Serving revision {} on", policies.current().revision(), e);
      }
      storeAnswers = false;
    }
  }

  private void takeCopy(String travelled) {
    try {
      offer(travelled);
    } catch (InvalidResource e) {
      log.warn("The region's copy of the policies cannot be used: {}", e.getMessage());
    }
  }

  private void lookAtRegion() {
    RegionCopy region = copy;
    if (region == null) {
      return;
    }
    told.set(false);
    try {
      say(region);
      long head = region.head();
      if (head > policies.current().revision() && head != policies.status().refused()) {
        region.text().ifPresent(this::takeCopy);
        say(region);
      } else if (head < policies.current().revision()) {
        region.put(policies.current().revision(), revision().toString());
      }
      List<RouterStatus> heard = region.routers();
      mates = heard;
      heard.forEach(this::confirm);
      if (store != null && audit != null) {
        audit.collect(region.audit());
      }
      regionAnswers = true;
    } catch (RuntimeException e) {
      if (regionAnswers) {
        log.warn("The region's copy of the policies cannot be reached", e);
      }
      regionAnswers = false;
    }
  }

  /** At once if there is something new, else now and then. */
  private void say(RegionCopy region) {
    Policies.Status status = policies.status();
    var now =
        new RouterStatus(
            config.region(),
            config.router().id(),
            status.revision(),
            status.refused(),
            status.problem(),
            System.currentTimeMillis() - status.configAge().toMillis(),
            policies.armsReport());
    RouterStatus before = said;
    if (before == null
        || System.nanoTime() - saidAt > SAY_NANOS
        || before.revision() != now.revision()
        || before.refused() != now.refused()) {
      region.say(now);
      said = now;
      saidAt = System.nanoTime();
    }
  }

  private void lookAtLink() {
    Regions others = regions;
    try {
      rollouts.look();
      if (others == null) {
        return;
      }
      for (OtherRegion region : others.all()) {
        OtherRegion.Routers heard = region.routers(System.nanoTime());
        if (!heard.answering()) {
          continue;
        }
        for (RouterStatus status : heard.statuses()) {
          if (status.revision() > policies.current().revision()
              && status.revision() != policies.status().refused()) {
            fetch(others, region);
          }
          confirm(status);
        }
      }
    } catch (RuntimeException e) {
      log.warn("What other regions say of their policies cannot be used", e);
    }
  }

  private void fetch(Regions others, OtherRegion region) {
    if (fetching.compareAndSet(false, true)) {
      others
          .revision(region)
          .onSuccess(bytes -> linkThread.execute(() -> take(region, bytes)))
          .onFailure(e -> log.info("No newer policies from {}: {}", region.name(), e.toString()))
          .onComplete(done -> fetching.set(false));
    }
  }

  private void take(OtherRegion region, Buffer bytes) {
    try {
      offer(bytes.toString());
      RegionCopy own = copy;
      if (own != null) {
        regionThread.execute(this::lookAtRegion);
      }
    } catch (InvalidResource | RuntimeException e) {
      log.warn("Policies from region {} cannot be used: {}", region.name(), e.toString());
    }
  }

  /**
   * Takes a revision if it is newer: an older one says nothing but that somebody lags behind.
   *
   * @throws InvalidResource if it is damaged
   */
  private void offer(String travelled) throws InvalidResource {
    long revision = StateText.revision(travelled);
    if (revision <= policies.current().revision()) {
      return;
    }
    State state;
    try {
      state = StateText.read(travelled);
    } catch (InvalidResource e) {
      policies.unreadable(revision, String.valueOf(e.getMessage()));
      return;
    }
    policies.apply(state);
  }

  /** Who has no store knows from others that there is nothing newer. */
  private void confirm(RouterStatus status) {
    if (store == null) {
      long then = Math.min(status.confirmedAt(), System.currentTimeMillis());
      policies.confirmed(status.revision(), Instant.ofEpochMilli(then));
    }
  }

  private Collection<Rollouts.Seen> seen() {
    List<Rollouts.Seen> seen = new ArrayList<>();
    seen.add(new Rollouts.Seen(config.region(), true, mates));
    Regions others = regions;
    if (others != null) {
      for (OtherRegion region : others.all()) {
        OtherRegion.Routers heard = region.routers(System.nanoTime());
        seen.add(new Rollouts.Seen(region.name(), heard.answering(), heard.statuses()));
      }
    }
    return seen;
  }

  @Override
  public void close() {
    storeThread.shutdownNow();
    regionThread.shutdownNow();
    linkThread.shutdownNow();
    if (audit != null) {
      audit.close();
    }
    if (store != null) {
      store.close();
    }
  }
}
