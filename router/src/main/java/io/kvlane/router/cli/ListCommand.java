package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code kvlane KIND list}. */
@Command(description = "Lists them.")
final class ListCommand implements Callable<Integer> {
  private static final int PAGE = 500;

  private final Session session;
  private final Things things;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most so many, the newest where they have a time; 0 for all (default: 100).")
  private int limit = 100;

  ListCommand(Session session, Things things) {
    this.session = session;
    this.things = things;
  }

  @Override
  public Integer call() throws Failure {
    if (limit < 0) {
      throw Failure.usage("--limit: " + limit + " (expected: 0 or more)");
    }
    Deque<JsonNode> found = new ArrayDeque<>();
    String token = "";
    boolean more;
    do {
      JsonNode page = page(token);
      for (JsonNode thing : page.path(things.collection())) {
        found.add(thing);
        if (limit > 0 && things.oldestFirst() && found.size() > limit) {
          found.removeFirst();
        }
      }
      token = page.path("nextPageToken").asText();
      more = !token.isEmpty() && (limit == 0 || things.oldestFirst() || found.size() < limit);
    } while (more);
    while (limit > 0 && found.size() > limit) {
      found.removeLast();
    }
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    ArrayNode all = whole.putArray(things.collection());
    found.forEach(all::add);
    session.show(whole, all, things.columns());
    return 0;
  }

  private JsonNode page(String token) throws Failure {
    int size = limit == 0 || things.oldestFirst() ? PAGE : Math.min(limit, PAGE);
    String query =
        things.paged() ? "?pageSize=" + size + "&pageToken=" + AdminClient.encode(token) : "";
    AdminClient.Answer answer = session.api().get('/' + things.collection() + query);
    if (answer.lastGood()) {
      session.note("The policy store cannot be reached: this is the last good revision.");
    }
    return answer.body();
  }
}
