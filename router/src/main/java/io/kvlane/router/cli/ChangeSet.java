package io.kvlane.router.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a directory wants changed, as one change set. It names the ETag of everything that it
 * touches as it was when this was made, so that it is refused if somebody else writes in between.
 */
final class ChangeSet {
  private static final Pattern PLACE = Pattern.compile("/changes/(\\d{1,9})(/put)?(/.*)?");

  private final AdminClient api;
  private final List<Manifest> manifests;
  private final ObjectNode body = JsonNodeFactory.instance.objectNode();
  private final List<String> removed = new ArrayList<>();

  /**
   * Asks for all that is to change.
   *
   * @param description what the revision is for, empty for nothing
   * @param prune whether what is not in the directory, but of a kind that is, is to go
   * @param rollout who is served by it first, null for all at once
   */
  ChangeSet(
      AdminClient api,
      List<Manifest> manifests,
      String description,
      boolean prune,
      @Nullable ObjectNode rollout)
      throws Failure {
    this.api = api;
    this.manifests = manifests;
    if (!description.isEmpty()) {
      body.put("description", description);
    }
    if (rollout != null) {
      body.set("rollout", rollout);
    }
    ArrayNode changes = body.putArray("changes");
    for (Manifest manifest : manifests) {
      ObjectNode change = change(changes, manifest.kind(), manifest.id());
      String etag = etag(manifest.name());
      if (etag.isEmpty()) {
        change.put("create", true);
      } else {
        change.put("ifMatch", etag);
      }
      change.set("put", manifest.fields());
    }
    if (prune) {
      prune(changes);
    }
  }

  private void prune(ArrayNode changes) throws Failure {
    Set<Manifest.Kind> kinds = EnumSet.noneOf(Manifest.Kind.class);
    manifests.forEach(manifest -> kinds.add(manifest.kind()));
    Set<String> wanted = manifests.stream().map(Manifest::name).collect(Collectors.toSet());
    for (Manifest.Kind kind : kinds) {
      for (String id : ids(kind)) {
        String name = kind.collection() + '/' + id;
        String etag = wanted.contains(name) ? "" : etag(name);
        if (!etag.isEmpty()) {
          change(changes, kind, id).put("ifMatch", etag).put("delete", true);
          removed.add(name);
        }
      }
    }
  }

  private static ObjectNode change(ArrayNode changes, Manifest.Kind kind, String id) {
    return changes.addObject().put("kind", kind.collection()).put("id", id);
  }

  /** That of a resource, empty if there is none: models that no pool is for have none either. */
  private String etag(String name) throws Failure {
    AdminClient.Answer answer = api.find('/' + name);
    if (answer.status() == 404) {
      return "";
    }
    AdminClient.good(answer);
    if (answer.lastGood()) {
      throw new Failure(
          Failure.UNREACHABLE, "The policy store cannot be reached; nothing can be written.");
    }
    return answer.etag();
  }

  private Set<String> ids(Manifest.Kind kind) throws Failure {
    Set<String> ids = new TreeSet<>();
    String token = "";
    do {
      String query = "?pageSize=500&pageToken=" + AdminClient.encode(token);
      JsonNode page = api.get('/' + kind.collection() + query).body();
      page.path(kind.collection()).forEach(one -> ids.add(one.path("id").asText()));
      token = page.path("nextPageToken").asText();
    } while (!token.isEmpty());
    return ids;
  }

  /**
   * What the write would be answered: the differences, and the revision. Nothing is done.
   *
   * @param impact whether to ask, too, what it would do to requests, which takes seconds
   */
  JsonNode tried(boolean impact) throws Failure {
    return send("?validateOnly=true" + (impact ? "" : "&impact=false"));
  }

  /** Writes. */
  JsonNode done() throws Failure {
    return send("");
  }

  private JsonNode send(String query) throws Failure {
    AdminClient.Answer answer = api.post("/changesets" + query, body, Map.of());
    if (!answer.ok()) {
      Failure failure = AdminClient.failure(answer, this::place);
      throw failure.status() == Failure.CONFLICT
          ? new Failure(
              Failure.CONFLICT,
              failure.getMessage() + "\nNothing was written. Look at it with diff, then try again.")
          : failure;
    }
    return answer.body();
  }

  /** Where in the files it is that the API has found something. */
  private String place(String path) {
    Matcher matcher = PLACE.matcher(path);
    if (!matcher.matches()) {
      return path;
    }
    int change = Integer.parseInt(matcher.group(1));
    String field = matcher.group(3) == null ? "" : matcher.group(3);
    if (change < manifests.size()) {
      return manifests.get(change).place(field);
    }
    int gone = change - manifests.size();
    return gone < removed.size() ? removed.get(gone) + " (to be removed)" : path;
  }
}
