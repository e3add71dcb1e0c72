package io.kvlane.router.routing;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.kvlane.locality.prefix.Blocks;
import io.kvlane.router.config.RouterConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A prompt's token blocks, from an engine's {@code POST /tokenize}. Asked once per prompt, of one
 * replica, under a strict time limit; who fails repeatedly is left alone for a while. Failing costs
 * nothing but precision: the caller falls back to text keys.
 */
final class Tokenizer {
  private static final Logger log = LoggerFactory.getLogger(Tokenizer.class);
  private static final JsonFactory JSON = new JsonFactory();
  private static final int MAX_CONNECTIONS = 64;

  /** Falling back costs precision only, so a recovered tokenizer should be noticed soon. */
  private static final long MAX_OPEN_NANOS = 2_000_000_000L;

  /** Some million tokens; an answer beyond it is a defect. */
  private static final int MAX_ANSWER_BYTES = 32 << 20;

  /** Answers above this size are parsed off the event loop. */
  private static final int LARGE_BYTES = 256 << 10;

  private final Vertx vertx;
  private final HttpClient client;
  private final MeterRegistry registry;
  private final Map<String, Pool> pools = new ConcurrentHashMap<>();

  Tokenizer(Vertx vertx, MeterRegistry registry) {
    this.vertx = vertx;
    this.registry = registry;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout(500).setMaxChunkSize(64 << 10),
            new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS).setMaxWaitQueueSize(256));
  }

  private record Key(HashValue128 body, int blockSize) {}

  private static final class Pool {
    final Cache<Key, Blocks> cache;
    final long limitMillis;
    final Breaker breaker = new Breaker(System::nanoTime, MAX_OPEN_NANOS);

    Pool(RouterConfig.Tokenize config) {
      cache = Caffeine.newBuilder().maximumSize(config.cacheEntries()).build();
      limitMillis = config.timeout().toMillis();
    }
  }

  /**
   * The blocks of a prompt; null if they cannot be had in time.
   *
   * @param replicas that serve the model; at least one
   */
  Future<@Nullable Blocks> blocks(
      RouterConfig.Pool config, RequestFacts facts, List<Replica> replicas, int blockSize) {
    if (facts.tokenizeBody() == null || blockSize < 1) {
      return none("unsupported");
    }
    Pool pool = pools.computeIfAbsent(config.model(), model -> new Pool(config.tokenize()));
    Buffer body = facts.tokenizeBody().get();
    Key key = new Key(Hashing.xxh3_128().hashBytesTo128Bits(body.getBytes()), blockSize);
    Blocks known = pool.cache.getIfPresent(key);
    if (known != null) {
      count("cached");
      return Future.succeededFuture(known);
    }
    Replica replica = leastBusy(replicas);
    if (replica == null || !pool.breaker.admits()) {
      return none("skipped");
    }
    pool.breaker.dispatched();
    return ask(replica, body, pool.limitMillis)
        .compose(answer -> parse(answer, blockSize))
        .map(
            blocks -> {
              pool.breaker.succeeded();
              pool.cache.put(key, blocks);
              count("ok");
              return blocks;
            })
        .recover(
            error -> {
              pool.breaker.failed();
              log.debug("Tokenizing at {} failed: {}", replica.id(), error.toString());
              return none("failed");
            });
  }

  private static @Nullable Replica leastBusy(List<Replica> replicas) {
    Replica best = null;
    for (Replica replica : replicas) {
      if (replica.healthy()
          && (best == null || replica.load().requests() < best.load().requests())) {
        best = replica;
      }
    }
    return best;
  }

  private Future<@Nullable Blocks> none(String outcome) {
    count(outcome);
    return Future.succeededFuture();
  }

  private void count(String outcome) {
    registry.counter("kvlane.tokenize", "outcome", outcome).increment();
  }

  private Future<Buffer> ask(Replica replica, Buffer body, long limitMillis) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(replica.host())
            .setPort(replica.port())
            .setURI("/tokenize")
            .setConnectTimeout(limitMillis)
            .setIdleTimeout(limitMillis)
            .putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    return client
        .request(options)
        .compose(
            request ->
                request
                    .send(body)
                    .compose(
                        response ->
                            response.statusCode() == 200
                                ? body(response)
                                : Future.failedFuture("status " + response.statusCode()))
                    .timeout(limitMillis, TimeUnit.MILLISECONDS)
                    .onFailure(error -> request.reset()))
        .timeout(2 * limitMillis, TimeUnit.MILLISECONDS);
  }

  private static Future<Buffer> body(HttpClientResponse response) {
    Promise<Buffer> whole = Promise.promise();
    Buffer answer = Buffer.buffer();
    response.handler(
        part -> {
          answer.appendBuffer(part);
          if (answer.length() > MAX_ANSWER_BYTES) {
            whole.tryFail("more than " + MAX_ANSWER_BYTES + " bytes");
            var _ = response.request().reset();
          }
        });
    response.exceptionHandler(whole::tryFail);
    response.endHandler(end -> whole.tryComplete(answer));
    return whole.future();
  }

  private Future<Blocks> parse(Buffer answer, int blockSize) {
    byte[] bytes = answer.getBytes();
    return bytes.length > LARGE_BYTES
        ? vertx.executeBlocking(() -> blocks(bytes, blockSize), false)
        : Future.future(
            promise -> {
              try {
                promise.complete(blocks(bytes, blockSize));
              } catch (IOException e) {
                promise.fail(e);
              }
            });
  }

  /** Reads {@code {"tokens": [...]}}; ids are unsigned 32-bit. */
  static Blocks blocks(byte[] answer, int blockSize) throws IOException {
    try (JsonParser parser = JSON.createParser(answer)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("The answer is no JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean tokens = parser.currentName().equals("tokens");
        JsonToken value = parser.nextToken();
        if (tokens && value == JsonToken.START_ARRAY) {
          int[] ids = new int[1_024];
          int count = 0;
          while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
            if (count == ids.length) {
              ids = Arrays.copyOf(ids, count * 2);
            }
            ids[count++] = (int) parser.getLongValue();
          }
          if (parser.currentToken() != JsonToken.END_ARRAY) {
            throw new IOException("Token " + count + " is no integer");
          }
          return Blocks.tokens(Arrays.copyOf(ids, count), blockSize);
        }
        parser.skipChildren();
      }
      throw new IOException("The answer has no array \"tokens\"");
    }
  }
}
