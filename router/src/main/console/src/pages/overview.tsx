import { useState } from 'preact/hooks';
import type { CacheGroup, CacheRegions, CacheSummary, Region, Replica, Rollout, Status } from '../api/types';
import { ago, count, many, millis, money, percent } from '../logic/format';
import { type Live, link, useLive, useNow, useStream } from '../state/live';
import { type Flow, type Node, RegionGraph } from '../ui/graph';
import { Badge, Empty, Figure, Panel, Shown, Table, type Tone } from '../ui/parts';

interface Pushed {
  summary?: CacheSummary;
  regions?: CacheRegions;
  at: number;
}

/** What the cache's stream says: the summary of the last minutes, and the regions. */
function usePushed(): { pushed: Pushed; state: string } {
  const [pushed, setPushed] = useState<Pushed>({ at: 0 });
  const state = useStream('/cache/events', {}, (event) => {
    const data = JSON.parse(event.data) as Partial<CacheSummary & CacheRegions> & { summary?: CacheSummary };
    setPushed((before) => {
      const summary = data.summary ?? (data.groups === undefined ? undefined : (data as CacheSummary));
      const nested = data.regions as unknown as CacheRegions | CacheRegions['regions'] | undefined;
      const regions = Array.isArray(nested) ? { regions: nested, flows: data.flows ?? [] } : nested;
      return {
        at: Date.now(),
        ...((summary ?? before.summary) ? { summary: summary ?? before.summary } : {}),
        ...((regions ?? before.regions) ? { regions: regions ?? before.regions } : {}),
      } as Pushed;
    });
  });
  return { pushed, state };
}

export function Overview() {
  const regions = useLive<Region[]>(async (c, s) => (await c.get<{ regions: Region[] }>('/regions', {}, s)).body.regions, 2000);
  const replicas = useLive<Replica[]>(async (c, s) => (await c.get<{ replicas: Replica[] }>('/replicas', {}, s)).body.replicas, 3000);
  const { pushed, state } = usePushed();
  const group = pushed.summary?.groups[0];
  return (
    <>
      <h1>Overview</h1>
      <Figures group={group} replicas={replicas} state={state} />
      <Panel title="Regions" note={<Freshness state={state} at={pushed.at} />}>
        <Shown live={regions} what="regions" staleAfterMs={8000} lines={6}>
          {(seen) => <RegionGraph nodes={nodes(seen, pushed.regions)} flows={flows(pushed.regions)} />}
        </Shown>
      </Panel>
      <div class="columns">
        <RegionTable regions={regions} cache={pushed.regions} />
        <Configuration />
      </div>
    </>
  );
}

function Freshness(props: { state: string; at: number }) {
  const now = useNow();
  if (props.state === 'live') {
    return <Badge tone={now - props.at > 8000 && props.at > 0 ? 'warn' : 'good'}>{props.at === 0 ? 'live' : `live, ${ago(props.at, now)}`}</Badge>;
  }
  return props.state === 'absent' ? (
    <span class="faint">Hit ratios and traffic are not offered by this router</span>
  ) : (
    <Badge tone="warn">{props.state === 'opening' ? 'connecting' : 'reconnecting'}</Badge>
  );
}

function Figures(props: { group: CacheGroup | undefined; replicas: Live<Replica[]>; state: string }) {
  const g = props.group;
  const healthy = props.replicas.data?.filter((r) => r.healthy).length;
  const all = props.replicas.data?.length;
  const none = props.state === 'absent' ? 'not offered' : 'waiting';
  return (
    <div class="figures">
      <Figure
        label="Hit ratio"
        value={g ? percent(g.hitRatioReported) : '–'}
        sub={g ? `predicted ${percent(g.hitRatioPredicted)}` : none}
        title="Cached tokens of all prompt tokens, as the engines report it; last 5 minutes"
      />
      <Figure label="Saved, 5 min" value={g ? money(g.savedMicroUsd) : '–'} sub={g ? `${count(g.savedTokens)} tokens` : none} />
      <Figure
        label="TTFT p50, warm / cold"
        value={g ? millis(g.ttftWarmP50Ms) : '–'}
        sub={g ? `cold ${millis(g.ttftColdP50Ms)}` : none}
        title="Time to first token, of requests with and without cached tokens"
      />
      <Figure label="Requests, 5 min" value={g ? count(g.requests) : '–'} sub={g ? many(g.errors, 'error') : none} />
      <Figure
        label="Healthy replicas"
        value={healthy === undefined ? '–' : `${healthy} / ${all}`}
        sub={props.replicas.data ? `${count(props.replicas.data.reduce((sum, r) => sum + r.requests, 0))} in flight` : ' '}
      />
    </div>
  );
}

/** What the router knows of each region at once: reachable or not, and, if it is told, the cache. */
function nodes(regions: Region[], cache: CacheRegions | undefined): Node[] {
  const more = new Map((cache?.regions ?? []).map((region) => [region.region, region]));
  return regions.map((region) => {
    const known = more.get(region.id);
    const node: Node = { id: region.id, own: region.local, reachable: region.reachable, service: region.service.action };
    if (!region.local) {
      node.roundTripMs = region.roundTripMs;
    }
    if (known !== undefined) {
      Object.assign(node, { hitRatio: known.hitRatioReported, requests: known.requests, replicas: known.healthyReplicas });
    }
    return node;
  });
}

const flows = (cache: CacheRegions | undefined): Flow[] => cache?.flows ?? [];

function RegionTable(props: { regions: Live<Region[]>; cache: CacheRegions | undefined }) {
  const more = new Map((props.cache?.regions ?? []).map((region) => [region.region, region]));
  return (
    <Panel title="Links">
      <Shown live={props.regions} what="regions">
        {(regions) =>
          regions.length < 2 ? (
            <Empty title="One region">Name other regions under link.regions and they appear here.</Empty>
          ) : (
            <Table label="Regions" head={['Region', 'State', 'Round trip', 'Digest age']} numbers={[2, 3]}>
              {regions.map((region) => (
                <tr key={region.id}>
                  <th scope="row">{region.id}</th>
                  <td>
                    {region.local ? <Badge tone="info">here</Badge> : <Badge tone={region.reachable ? 'good' : 'bad'}>{region.reachable ? 'reachable' : 'unreachable'}</Badge>}
                    {region.service.action !== 'none' && <Badge tone="warn">{region.service.action}</Badge>}
                  </td>
                  <td class="number">{region.local || !region.reachable ? '–' : millis(region.roundTripMs)}</td>
                  <td class="number">{age(more.get(region.id)?.digestAgeSeconds)}</td>
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
    </Panel>
  );
}

const age = (seconds: number | undefined): string => (seconds === undefined || seconds < 0 ? '–' : `${seconds.toFixed(1)} s`);

export const PHASES: Record<Rollout['state'], Tone> = {
  LIVE: 'good',
  PENDING: 'warn',
  CANARY: 'info',
  REFUSED: 'bad',
  ROLLED_BACK: 'bad',
};

function Configuration() {
  const status = useLive<Status>(async (c, s) => (await c.get<Status>('/status', {}, s)).body, 3000);
  const rollouts = useLive<Rollout[]>(async (c, s) => (await c.get<{ rollouts: Rollout[] }>('/rollouts', { pageSize: 4 }, s)).body.rollouts, 3000);
  return (
    <Panel title="Configuration">
      <Shown live={status} what="its status" staleAfterMs={10_000}>
        {(now) => (
          <dl class="facts">
            <dt>Serves</dt>
            <dd>
              revision {now.revision} <span class="faint">confirmed {now.configAgeSeconds < 2 ? 'now' : `${now.configAgeSeconds} s ago`}</span>
            </dd>
            {now.refusedRevision > 0 && (
              <>
                <dt>Refused</dt>
                <dd>
                  <Badge tone="bad">revision {now.refusedRevision}</Badge> {now.problem}
                </dd>
              </>
            )}
          </dl>
        )}
      </Shown>
      <Shown live={rollouts} what="rollouts" staleAfterMs={10_000}>
        {(list) => (
          <Table label="Last rollouts" head={['Revision', 'State', 'Live after']} numbers={[2]}>
            {list.map((rollout) => (
              <tr key={rollout.revision}>
                <th scope="row">
                  <a href={link('rollouts', String(rollout.revision))}>{rollout.revision}</a>
                </th>
                <td>
                  <Badge tone={PHASES[rollout.state]}>{rollout.state.toLowerCase().replace('_', ' ')}</Badge>
                </td>
                <td class="number">{millis(rollout.millis)}</td>
              </tr>
            ))}
          </Table>
        )}
      </Shown>
    </Panel>
  );
}
