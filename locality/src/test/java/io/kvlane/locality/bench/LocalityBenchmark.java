package io.kvlane.locality.bench;

import io.kvlane.locality.index.PrefixIndex;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.locality.prefix.Chain;
import io.kvlane.locality.prefix.ChainRoot;
import io.kvlane.locality.prefix.KeySpace;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The figures that the README gives: 64 replicas, a million blocks in chains of 512 (16 tokens
 * each), of which each chain shares its first 64 blocks with 31 others.
 */
@State(Scope.Thread)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LocalityBenchmark {
  private static final int REPLICAS = 64;
  private static final int CHAIN = 512;
  private static final int BLOCK = 16;
  private static final int CHAINS = 1_000_000 / (CHAIN - 62);

  private static final ChainRoot ROOT = new ChainRoot(KeySpace.TOKENS, "m", "", "", BLOCK);

  private final Chain[] chains = new Chain[CHAINS];
  private final int[][] prompts = new int[64][];
  private final int[] runs = new int[REPLICAS];
  private final Chain[] misses = new Chain[64];
  private final PrefixIndex index = new PrefixIndex(REPLICAS, 1 << 28);
  private final byte[] text = new byte[CHAIN * 256];
  private int at;

  @Setup
  public void fill() {
    Random random = new Random(1);
    int[] shared = new int[0];
    for (int i = 0; i < CHAINS; i++) {
      if (i % 32 == 0) {
        shared = random.ints(64L * BLOCK).toArray();
      }
      int[] tokens = random.ints((long) CHAIN * BLOCK).toArray();
      System.arraycopy(shared, 0, tokens, 0, shared.length);
      chains[i] = Blocks.tokens(tokens, BLOCK).chain(ROOT);
      prompts[i % 64] = tokens;
      index.store(i % REPLICAS, chains[i].keys());
    }
    for (int i = 0; i < misses.length; i++) {
      misses[i] = Blocks.tokens(random.ints((long) CHAIN * BLOCK).toArray(), BLOCK).chain(ROOT);
    }
    random.nextBytes(text);
    System.out.printf(
        "%n%d blocks, %.1f bytes a block and replica%n",
        index.blocks(), (double) index.bytes() / entries());
  }

  private long entries() {
    long entries = 0;
    for (int replica = 0; replica < REPLICAS; replica++) {
      entries += index.blocks(replica);
    }
    return entries;
  }

  /** The next request's chain, in the processor's cache as hashing it has just left it. */
  @State(Scope.Thread)
  public static class Request {
    private final Random random = new Random(2);
    long touched;
    private Chain chain = Blocks.tokens(new int[0], BLOCK).chain(ROOT);

    @Setup(Level.Invocation)
    public void next(LocalityBenchmark benchmark) {
      chain = benchmark.chains[random.nextInt(CHAINS)];
      long sum = 0;
      for (int i = 0; i < CHAIN; i++) {
        sum += chain.key(i);
      }
      touched = sum;
    }
  }

  /** Longest run of a chain of 512 blocks that a replica holds whole; chains at random. */
  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  @OutputTimeUnit(TimeUnit.MICROSECONDS)
  public int lookupHit(Request request) {
    return index.runs(request.chain, runs);
  }

  @Benchmark
  @BenchmarkMode(Mode.SampleTime)
  @OutputTimeUnit(TimeUnit.MICROSECONDS)
  public int lookupMiss() {
    return index.runs(misses[at++ & 63], runs);
  }

  /** Chain of a prompt of 8,192 tokens. */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @OutputTimeUnit(TimeUnit.MICROSECONDS)
  public Chain hashTokens() {
    return Blocks.tokens(prompts[at++ & 63], BLOCK).chain(ROOT);
  }

  /** Chain of a prompt of 128 KiB in chunks of 256 bytes. */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @OutputTimeUnit(TimeUnit.MICROSECONDS)
  public Chain hashText() {
    return Blocks.text(256)
        .append(text, 0, text.length)
        .build()
        .chain(new ChainRoot(KeySpace.TEXT, "m", "", "", 256));
  }

  /** A chain evicted and stored again, in the full index: 512 blocks removed, 512 stored. */
  @Benchmark
  @BenchmarkMode(Mode.Throughput)
  @OutputTimeUnit(TimeUnit.SECONDS)
  @OperationsPerInvocation(2 * CHAIN)
  public void update() {
    int i = at++ % CHAINS;
    long[] keys = chains[i].keys();
    index.remove(i % REPLICAS, keys);
    index.store(i % REPLICAS, keys);
  }

  /** A million blocks into an empty index. */
  @State(Scope.Thread)
  public static class Empty {
    PrefixIndex index = new PrefixIndex(REPLICAS, 1 << 28);

    @Setup(Level.Invocation)
    public void create() {
      index = new PrefixIndex(REPLICAS, 1 << 28);
    }
  }

  @Benchmark
  @BenchmarkMode(Mode.Throughput)
  @OutputTimeUnit(TimeUnit.SECONDS)
  @OperationsPerInvocation(CHAINS * CHAIN)
  public long fill(Empty empty) {
    for (int i = 0; i < CHAINS; i++) {
      empty.index.store(i % REPLICAS, chains[i].keys());
    }
    return empty.index.blocks();
  }
}
