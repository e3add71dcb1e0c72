package io.kvlane.router.telemetry.evidence;

import io.kvlane.locality.decision.Decision;
import io.kvlane.locality.decision.Decision.Candidate;
import io.kvlane.locality.decision.RegionView;
import io.kvlane.locality.decision.ReplicaView;
import io.kvlane.router.policy.KnownHeaders;
import io.kvlane.router.routing.Reasons;
import io.kvlane.router.routing.Route;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An entry as bytes, in this process only. Strings are of at most some hundred characters. */
final class Packed {
  /** Candidates that are kept: the best, and whom the winner was weighed against. */
  static final int MOST_CANDIDATES = 32;

  private Packed() {}

  /** This thread's writer, with nothing but that in it. */
  static PackWriter write(Entry.Seen seen) {
    PackWriter out = PackWriter.begin();
    out.number(seen.number());
    out.number(seen.arrivedMillis());
    Subject subject = seen.subject();
    out.text(subject.requestId());
    out.text(subject.traceId());
    out.flag(subject.forwarded());
    out.text(subject.model());
    out.text(subject.tenant());
    out.text(subject.path());
    out.text(subject.policy());
    out.number(subject.revision());
    out.text(subject.consistency());
    write(out, subject.headers());
    Set<String> regions = subject.regions();
    out.number(regions == null ? -1 : regions.size());
    if (regions != null) {
      regions.forEach(out::text);
    }
    for (long at : seen.micros()) {
      out.number(at);
    }
    out.number(seen.attempts().size());
    for (Entry.Tried tried : seen.attempts()) {
      out.text(tried.region());
      out.text(tried.replica());
      out.number(tried.cachedTokens());
      out.text(tried.outcome());
      out.number(tried.fromMicros());
      out.real(tried.millis());
    }
    out.word(seen.state());
    out.text(seen.word());
    out.text(seen.error());
    out.number(seen.status());
    out.number(seen.usage().promptTokens());
    out.number(seen.usage().cachedTokens());
    out.number(seen.usage().outputTokens());
    Reasons reasons = seen.reasons();
    out.flag(reasons != null);
    if (reasons != null) {
      write(out, reasons);
    }
    return out;
  }

  private static void write(PackWriter out, KnownHeaders headers) {
    out.number(headers.asked().size());
    for (KnownHeaders.Asked asked : headers.asked()) {
      out.text(asked.name());
      out.text(asked.pattern());
    }
    out.key(headers.present());
    out.key(headers.matched());
  }

  private static void write(PackWriter out, Reasons reasons) {
    out.word(reasons.ground());
    out.number(reasons.features().promptTokens());
    out.real(reasons.features().blockTokens());
    out.number(reasons.features().chain().length);
    for (long key : reasons.features().chain()) {
      out.key(key);
    }
    out.number(reasons.regions().size());
    for (Reasons.Region region : reasons.regions()) {
      RegionView view = region.view();
      out.text(view.id());
      out.real(view.roundTripMs());
      out.number(view.cachedTokens());
      out.real(view.waitingTokens());
      out.real(view.busy());
      out.real(view.msPerToken());
      out.flag(region.chosen());
      out.word(region.refused());
    }
    out.number(reasons.refused().size());
    for (Reasons.Refused refused : reasons.refused()) {
      out.text(refused.region() == null ? "" : refused.region());
      out.text(refused.replica() == null ? "" : refused.replica());
      out.number(refused.cachedTokens());
      out.word(refused.why());
    }
    Decision here = reasons.here();
    out.flag(here != null);
    if (here != null) {
      write(out, here);
    }
  }

  private static void write(PackWriter out, Decision here) {
    List<Candidate> all = here.candidates();
    List<Candidate> kept = new ArrayList<>(all.subList(0, Math.min(MOST_CANDIDATES, all.size())));
    Candidate rival = here.rival();
    if (rival != null && !kept.contains(rival)) {
      kept.add(rival);
    }
    out.word(here.word());
    out.word(here.why());
    out.real(here.weight());
    out.number(all.size() - kept.size());
    out.number(rival == null ? -1 : kept.indexOf(rival));
    out.number(kept.size());
    for (Candidate candidate : kept) {
      ReplicaView replica = candidate.replica();
      out.text(replica.id());
      out.number(replica.slot());
      out.flag(replica.healthy());
      out.number(replica.inFlight());
      out.number(replica.unanswered());
      out.flag(replica.late());
      out.number(replica.waitingTokens());
      out.real(replica.evictionLoss());
      out.real(replica.msPerToken());
      out.real(replica.roundTripMs());
      out.number(candidate.cachedTokens());
      out.real(candidate.waitingMs());
      out.real(candidate.prefillMs());
      out.real(candidate.sharedMs());
      out.real(candidate.crowding());
      out.number(candidate.choice());
      out.flag(candidate.overloaded());
    }
  }

  /** What was packed. */
  static Entry.Seen read(byte[] bytes) {
    var in = new PackReader(bytes);
    long number = in.number();
    long arrivedMillis = in.number();
    var subject =
        new Subject(
            in.text(),
            in.text(),
            in.flag(),
            in.text(),
            in.text(),
            in.text(),
            in.text(),
            in.number(),
            in.text(),
            headers(in),
            regions(in));
    long[] micros = new long[Entry.KEPT.size()];
    for (int i = 0; i < micros.length; i++) {
      micros[i] = in.number();
    }
    List<Entry.Tried> attempts = new ArrayList<>();
    for (int i = in.count(); i > 0; i--) {
      attempts.add(
          new Entry.Tried(in.text(), in.text(), in.count(), in.text(), in.number(), in.real()));
    }
    Entry.State state = in.word(Entry.State.values());
    String word = in.text();
    String error = in.text();
    int status = in.count();
    var usage = new Route.Usage(in.count(), in.count(), in.count());
    int[] leftOut = {0};
    Reasons reasons = in.flag() ? reasons(in, leftOut) : null;
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
  }

  private static KnownHeaders headers(PackReader in) {
    List<KnownHeaders.Asked> asked = new ArrayList<>();
    for (int i = in.count(); i > 0; i--) {
      asked.add(new KnownHeaders.Asked(in.text(), in.text()));
    }
    return new KnownHeaders(asked, in.key(), in.key());
  }

  private static @Nullable Set<String> regions(PackReader in) {
    int count = in.count();
    if (count < 0) {
      return null;
    }
    Set<String> regions = new HashSet<>();
    for (int i = count; i > 0; i--) {
      regions.add(in.text());
    }
    return regions;
  }

  private static Reasons reasons(PackReader in, int[] leftOut) {
    Reasons.Ground ground = in.word(Reasons.Ground.values());
    int promptTokens = in.count();
    double blockTokens = in.real();
    long[] chain = new long[in.count()];
    for (int i = 0; i < chain.length; i++) {
      chain[i] = in.key();
    }
    List<Reasons.Region> regions = new ArrayList<>();
    for (int i = in.count(); i > 0; i--) {
      var view = new RegionView(in.text(), in.real(), in.count(), in.real(), in.real(), in.real());
      regions.add(new Reasons.Region(view, in.flag(), in.wordOrNull(Reasons.Why.values())));
    }
    List<Reasons.Refused> refused = new ArrayList<>();
    for (int i = in.count(); i > 0; i--) {
      String region = in.text();
      String replica = in.text();
      refused.add(
          new Reasons.Refused(
              region.isEmpty() ? null : region,
              replica.isEmpty() ? null : replica,
              in.count(),
              in.word(Reasons.Why.values())));
    }
    Decision here = in.flag() ? decision(in, leftOut) : null;
    var features = new Reasons.Features(promptTokens, blockTokens, chain);
    return new Reasons(ground, here, regions, refused, features);
  }

  private static Decision decision(PackReader in, int[] leftOut) {
    Decision.Word word = in.word(Decision.Word.values());
    Decision.Why why = in.word(Decision.Why.values());
    double weight = in.real();
    leftOut[0] = in.count();
    int rival = in.count();
    List<Candidate> candidates = new ArrayList<>();
    for (int i = in.count(); i > 0; i--) {
      var replica =
          new ReplicaView(
              in.text(),
              in.count(),
              in.flag(),
              in.count(),
              in.count(),
              in.flag(),
              in.number(),
              in.real(),
              in.real(),
              in.real());
      candidates.add(
          new Candidate(
              replica,
              in.count(),
              in.real(),
              in.real(),
              in.real(),
              in.real(),
              in.count(),
              in.flag()));
    }
    return new Decision(word, why, rival < 0 ? null : candidates.get(rival), weight, candidates);
  }
}
