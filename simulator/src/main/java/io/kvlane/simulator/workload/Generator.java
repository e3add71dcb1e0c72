package io.kvlane.simulator.workload;

import io.kvlane.simulator.fleet.Request;
import io.kvlane.simulator.trace.AzureTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Makes requests of a {@link Shape}. Equal shapes, block sizes and seeds give equal requests. */
public final class Generator {
  /** What an engine takes at most; longer prompts are cut, as clients do. */
  private static final int MAX_PROMPT_TOKENS = 120_000;

  private final Shape shape;
  private final int blockTokens;
  private final SplittableRandom random;
  private final Zipf tenants;
  private final Zipf systems;
  private final Zipf documents;
  private final List<Request> requests = new ArrayList<>();
  private long nextContent = 1L << 40;
  private int sessions;

  private Generator(Shape shape, int blockTokens, long seed) {
    this.shape = shape;
    this.blockTokens = blockTokens;
    random = new SplittableRandom(seed);
    tenants = new Zipf(shape.tenants(), shape.tenantSkew());
    systems = new Zipf(shape.systemPrompts(), shape.systemSkew());
    documents = new Zipf(Math.max(1, shape.documents()), 0.8);
  }

  /** The requests of a shape, numbered in the order in which their sessions begin. */
  public static List<Request> generate(Shape shape, int blockTokens, long seed) {
    Generator generator = new Generator(shape, blockTokens, seed);
    generator.run();
    return List.copyOf(generator.requests.subList(0, shape.requests()));
  }

  /**
   * Requests whose arrivals and lengths are recorded, but not their contents: a tenant's system
   * prompt, at most as long as the prompt, then what nobody else has. Of the shape, only tenants,
   * system prompts, spread, region weights and the day count.
   */
  public static List<Request> around(
      List<AzureTrace.Arrival> arrivals, Shape shape, int blockTokens, long seed) {
    Generator generator = new Generator(shape, blockTokens, seed);
    arrivals.forEach(generator::recorded);
    return List.copyOf(generator.requests);
  }

  private void recorded(AzureTrace.Arrival arrival) {
    int region = region(arrival.atNanos() / 1e6);
    int tenant = tenants.draw(random);
    ChainBuilder text = begin(tenant, arrival.inputTokens());
    text.append(nextContent++, arrival.inputTokens() - text.tokens());
    int promptBlocks = text.blocks();
    text.append(nextContent++, arrival.outputTokens());
    add(
        arrival.atNanos() / 1e9,
        Request.NOTHING,
        region,
        tenant,
        text.keys(),
        promptBlocks,
        arrival.inputTokens(),
        arrival.outputTokens());
    sessions++;
  }

  private void run() {
    double seconds = 0;
    while (requests.size() < shape.requests()) {
      seconds += exponential(1 / shape.sessionsPerSecond());
      int region = region(seconds * 1e3);
      switch (shape.kind()) {
        case CHAT, AGENT, SHARED -> conversation(seconds, region);
        case RAG -> question(seconds, region);
        case TREE -> tree(seconds, region);
      }
      sessions++;
    }
  }

  private ChainBuilder begin(int tenant) {
    return begin(tenant, MAX_PROMPT_TOKENS);
  }

  private ChainBuilder begin(int tenant, int most) {
    int system = systems.draw(random);
    long id = (long) tenant << 20 | system;
    // Each system prompt has a length of its own, always the same.
    int length = length(shape.systemTokens(), new SplittableRandom(id * 31 + 7));
    return new ChainBuilder(blockTokens, tenant).append(id, Math.min(length, most));
  }

  private void conversation(double seconds, int region) {
    int tenant = tenants.draw(random);
    ChainBuilder text = begin(tenant);
    int turns = shape.kind() == Shape.Kind.SHARED ? 1 : geometric(shape.turns());
    int previous = Request.NOTHING;
    int at = region;
    for (int turn = 0; turn < turns && text.tokens() < MAX_PROMPT_TOKENS; turn++) {
      if (turn > 0 && random.nextDouble() < shape.roaming()) {
        at = otherRegion(at);
      }
      text.append(nextContent++, length(shape.userTokens(), random));
      int prompt = text.tokens();
      int promptBlocks = text.blocks();
      int answer = length(shape.outputTokens(), random);
      text.append(nextContent++, answer);
      double pause = turn == 0 ? seconds : exponential(shape.thinkMs()) / 1e3;
      previous = add(pause, previous, at, tenant, text.keys(), promptBlocks, prompt, answer);
    }
  }

  private void question(double seconds, int region) {
    int tenant = tenants.draw(random);
    ChainBuilder text = begin(tenant);
    for (int i = 0; i < shape.perPrompt(); i++) {
      int document = documents.draw(random);
      long id = 1L << 36 | (long) tenant << 20 | document;
      text.append(id, length(shape.documentTokens(), new SplittableRandom(id)));
    }
    text.append(nextContent++, length(shape.userTokens(), random));
    int answer = length(shape.outputTokens(), random);
    add(
        seconds,
        Request.NOTHING,
        region,
        tenant,
        text.keys(),
        text.blocks(),
        text.tokens(),
        answer);
  }

  /** Level by level: the branches of a level are asked at once, one of them is pursued. */
  private void tree(double seconds, int region) {
    int tenant = tenants.draw(random);
    ChainBuilder stem = begin(tenant).append(nextContent++, length(shape.userTokens(), random));
    int previous = Request.NOTHING;
    int depth = geometric(shape.turns());
    double at = seconds;
    for (int level = 0; level < depth && stem.tokens() < MAX_PROMPT_TOKENS; level++) {
      ChainBuilder pursued = stem;
      int pursuedRequest = previous;
      for (int branch = 0; branch < shape.perPrompt(); branch++) {
        ChainBuilder text = stem.branch().append(nextContent++, length(shape.userTokens(), random));
        int prompt = text.tokens();
        int blocks = text.blocks();
        int answer = length(shape.outputTokens(), random);
        text.append(nextContent++, answer);
        boolean first = branch == 0;
        // Only one request can follow another: the others of a level keep its expected time.
        int number =
            add(
                first && level > 0 ? exponential(shape.thinkMs()) / 1e3 : at,
                first ? previous : Request.NOTHING,
                region,
                tenant,
                text.keys(),
                blocks,
                prompt,
                answer);
        if (first) {
          pursued = text;
          pursuedRequest = number;
        }
      }
      stem = pursued;
      previous = pursuedRequest;
      at += (shape.thinkMs() + 15.0 * shape.outputTokens()) / 1e3;
    }
  }

  private int add(
      double seconds,
      int follows,
      int region,
      int tenant,
      long[] blocks,
      int promptBlocks,
      int prompt,
      int answer) {
    int number = requests.size();
    requests.add(
        new Request(
            number,
            Math.round(seconds * 1e9),
            follows,
            region,
            sessions,
            tenant,
            blocks,
            promptBlocks,
            prompt,
            answer));
    return number;
  }

  private int region(double ms) {
    double[] weights = shape.regionWeights().clone();
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      if (shape.dayMs() > 0) {
        double phase = ms / shape.dayMs() + (double) i / weights.length;
        weights[i] *= 1 + 0.8 * Math.sin(2 * Math.PI * phase);
      }
      sum += weights[i];
    }
    double draw = random.nextDouble() * sum;
    for (int i = 0; i < weights.length - 1; i++) {
      draw -= weights[i];
      if (draw < 0) {
        return i;
      }
    }
    return weights.length - 1;
  }

  private int otherRegion(int region) {
    int regions = shape.regionWeights().length;
    return regions == 1 ? region : (region + 1 + random.nextInt(regions - 1)) % regions;
  }

  private double exponential(double mean) {
    return -Math.log(1 - random.nextDouble()) * mean;
  }

  /** At least 1. */
  private int geometric(double mean) {
    return mean <= 1 ? 1 : 1 + (int) (Math.log(1 - random.nextDouble()) / Math.log(1 - 1 / mean));
  }

  /** Log-normal around the mean, at least 1. */
  private int length(int mean, SplittableRandom from) {
    double gauss =
        Math.sqrt(-2 * Math.log(1 - from.nextDouble())) * Math.cos(2 * Math.PI * from.nextDouble());
    double sigma = shape.spread();
    double drawn = mean * Math.exp(sigma * gauss - sigma * sigma / 2);
    return (int) Math.clamp(Math.round(drawn), 1, Math.min(20L * mean + 1, MAX_PROMPT_TOKENS));
  }
}
