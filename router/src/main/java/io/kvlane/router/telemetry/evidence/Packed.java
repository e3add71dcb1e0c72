package io.kvlane.router.telemetry.evidence;

import io.kvlane.locality.decision.Decision;
import io.kvlane.locality.decision.Decision.Candidate;
import io.kvlane.locality.decision.RegionView;
import io.kvlane.locality.decision.ReplicaView;
import io.kvlane.router.policy.KnownHeaders;
import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.Route;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An entry as bytes, in this process only. Strings are of at most some hundred characters. */
final class Packed {
  /** Candidates that are kept: the best, and whom the winner was weighed against. */
  static final int MOST_CANDIDATES = 32;

  private Packed() {}

  static byte[] of(Entry.Seen seen) {
    var bytes = new ByteArrayOutputStream(512);
    try (var out = new DataOutputStream(bytes)) {
      Subject subject = seen.subject();
      out.writeUTF(subject.requestId());
      out.writeUTF(subject.traceId());
      out.writeBoolean(subject.forwarded());
      out.writeLong(subject.arrivedNanos());
      out.writeUTF(subject.model());
      out.writeUTF(subject.tenant());
      out.writeUTF(subject.path());
      out.writeUTF(subject.policy());
      out.writeLong(subject.revision());
      out.writeUTF(subject.consistency());
      for (long at : seen.micros()) {
        out.writeLong(at);
      }
      out.writeInt(seen.attempts().size());
      for (Entry.Tried tried : seen.attempts()) {
        out.writeUTF(tried.region());
        out.writeUTF(tried.replica());
        out.writeInt(tried.cachedTokens());
        out.writeUTF(tried.outcome());
        out.writeLong(tried.fromMicros());
        out.writeDouble(tried.millis());
      }
      out.writeUTF(seen.state().name());
      out.writeUTF(seen.word());
      out.writeUTF(seen.error());
      out.writeInt(seen.status());
      out.writeInt(seen.usage().promptTokens());
      out.writeInt(seen.usage().cachedTokens());
      out.writeInt(seen.usage().outputTokens());
      Reasons reasons = seen.reasons();
      out.writeBoolean(reasons != null);
      if (reasons != null) {
        write(out, reasons);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, Reasons reasons) throws IOException {
    out.writeUTF(reasons.ground().name());
    out.writeInt(reasons.features().promptTokens());
    out.writeDouble(reasons.features().blockTokens());
    out.writeInt(reasons.features().chain().length);
    for (long key : reasons.features().chain()) {
      out.writeLong(key);
    }
    out.writeInt(reasons.regions().size());
    for (Reasons.Region region : reasons.regions()) {
      RegionView view = region.view();
      out.writeUTF(view.id());
      out.writeDouble(view.roundTripMs());
      out.writeInt(view.cachedTokens());
      out.writeDouble(view.waitingTokens());
      out.writeDouble(view.busy());
      out.writeDouble(view.msPerToken());
      out.writeBoolean(region.chosen());
      Reasons.Why refused = region.refused();
      out.writeUTF(refused == null ? "" : refused.name());
    }
    out.writeInt(reasons.refused().size());
    for (Reasons.Refused refused : reasons.refused()) {
      out.writeUTF(refused.region() == null ? "" : refused.region());
      out.writeUTF(refused.replica() == null ? "" : refused.replica());
      out.writeInt(refused.cachedTokens());
      out.writeUTF(refused.why().name());
    }
    Decision here = reasons.here();
    out.writeBoolean(here != null);
    if (here != null) {
      write(out, here);
    }
  }

  private static void write(DataOutputStream out, Decision here) throws IOException {
    List<Candidate> all = here.candidates();
    List<Candidate> kept = new ArrayList<>(all.subList(0, Math.min(MOST_CANDIDATES, all.size())));
    Candidate rival = here.rival();
    if (rival != null && !kept.contains(rival)) {
      kept.add(rival);
    }
    out.writeUTF(here.word().name());
    out.writeUTF(here.why().name());
    out.writeDouble(here.weight());
    out.writeInt(all.size() - kept.size());
    out.writeInt(rival == null ? -1 : kept.indexOf(rival));
    out.writeInt(kept.size());
    for (Candidate candidate : kept) {
      ReplicaView replica = candidate.replica();
      out.writeUTF(replica.id());
      out.writeInt(replica.slot());
      out.writeBoolean(replica.healthy());
      out.writeInt(replica.inFlight());
      out.writeInt(replica.unanswered());
      out.writeBoolean(replica.late());
      out.writeLong(replica.waitingTokens());
      out.writeDouble(replica.evictionLoss());
      out.writeDouble(replica.msPerToken());
      out.writeDouble(replica.roundTripMs());
      out.writeInt(candidate.cachedTokens());
      out.writeDouble(candidate.waitingMs());
      out.writeDouble(candidate.prefillMs());
      out.writeInt(candidate.choice());
      out.writeBoolean(candidate.overloaded());
    }
  }

  /** What was packed. */
  static Entry.Seen read(
      byte[] bytes,
      KnownHeaders headers,
      @Nullable Set<String> regions,
      long arrivedMillis,
      long number) {
    try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      var subject =
          new Subject(
              in.readUTF(),
              in.readUTF(),
              in.readBoolean(),
              in.readLong(),
              in.readUTF(),
              in.readUTF(),
              in.readUTF(),
              in.readUTF(),
              in.readLong(),
              in.readUTF(),
              headers,
              regions);
      long[] micros = new long[Entry.Point.values().length];
      for (int i = 0; i < micros.length; i++) {
        micros[i] = in.readLong();
      }
      List<Entry.Tried> attempts = new ArrayList<>();
      for (int i = in.readInt(); i > 0; i--) {
        attempts.add(
            new Entry.Tried(
                in.readUTF(),
                in.readUTF(),
                in.readInt(),
                in.readUTF(),
                in.readLong(),
                in.readDouble()));
      }
      Entry.State state = Entry.State.valueOf(in.readUTF());
      String word = in.readUTF();
      String error = in.readUTF();
      int status = in.readInt();
      var usage = new Route.Usage(in.readInt(), in.readInt(), in.readInt());
      int[] leftOut = {0};
      Reasons reasons = in.readBoolean() ? reasons(in, leftOut) : null;
      return new Entry.Seen(
          subject,
          arrivedMillis,
          number,
          micros,
          attempts,
          reasons,
          leftOut[0],
          state,
          word,
          error,
          status,
          usage);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Reasons reasons(DataInputStream in, int[] leftOut) throws IOException {
    Reasons.Ground ground = Reasons.Ground.valueOf(in.readUTF());
    int promptTokens = in.readInt();
    double blockTokens = in.readDouble();
    long[] chain = new long[in.readInt()];
    for (int i = 0; i < chain.length; i++) {
      chain[i] = in.readLong();
    }
    List<Reasons.Region> regions = new ArrayList<>();
    for (int i = in.readInt(); i > 0; i--) {
      var view =
          new RegionView(
              in.readUTF(),
              in.readDouble(),
              in.readInt(),
              in.readDouble(),
              in.readDouble(),
              in.readDouble());
      boolean chosen = in.readBoolean();
      String refused = in.readUTF();
      regions.add(
          new Reasons.Region(
              view, chosen, refused.isEmpty() ? null : Reasons.Why.valueOf(refused)));
    }
    List<Reasons.Refused> refused = new ArrayList<>();
    for (int i = in.readInt(); i > 0; i--) {
      String region = in.readUTF();
      String replica = in.readUTF();
      refused.add(
          new Reasons.Refused(
              region.isEmpty() ? null : region,
              replica.isEmpty() ? null : replica,
              in.readInt(),
              Reasons.Why.valueOf(in.readUTF())));
    }
    Decision here = in.readBoolean() ? decision(in, leftOut) : null;
    var features = new Reasons.Features(promptTokens, blockTokens, chain);
    return new Reasons(ground, here, regions, refused, features);
  }

  private static Decision decision(DataInputStream in, int[] leftOut) throws IOException {
    Decision.Word word = Decision.Word.valueOf(in.readUTF());
    Decision.Why why = Decision.Why.valueOf(in.readUTF());
    double weight = in.readDouble();
    leftOut[0] = in.readInt();
    int rival = in.readInt();
    List<Candidate> candidates = new ArrayList<>();
    for (int i = in.readInt(); i > 0; i--) {
      var replica =
          new ReplicaView(
              in.readUTF(),
              in.readInt(),
              in.readBoolean(),
              in.readInt(),
              in.readInt(),
              in.readBoolean(),
              in.readLong(),
              in.readDouble(),
              in.readDouble(),
              in.readDouble());
      candidates.add(
          new Candidate(
              replica,
              in.readInt(),
              in.readDouble(),
              in.readDouble(),
              in.readInt(),
              in.readBoolean()));
    }
    return new Decision(word, why, rival < 0 ? null : candidates.get(rival), weight, candidates);
  }
}
