import { useMemo, useState } from 'preact/hooks';
import type { CacheAdvice, CacheGroup, CachePoint, CachePrefixes, CacheSeries, CacheSummary } from '../api/types';
import { count, many, millis, money, percent } from '../logic/format';
import { waterfall } from '../logic/waterfall';
import { type Live, useLive } from '../state/live';
import { Chart } from '../ui/chart';
import { Choice, Empty, Figure, Meter, Notice, Panel, Shown, Table } from '../ui/parts';

const WINDOWS = [
  ['5m', '5 min'],
  ['15m', '15 min'],
  ['1h', '1 h'],
  ['6h', '6 h'],
] as const;
const STEPS: Record<string, string> = { '5m': '10s', '15m': '10s', '1h': '1m', '6h': '1m' };
const GROUPS = [
  ['model', 'Model'],
  ['tenant', 'Tenant'],
  ['region', 'Region'],
  ['replica', 'Replica'],
] as const;

type Window = (typeof WINDOWS)[number][0];
type Grouping = (typeof GROUPS)[number][0];

export function Cache() {
  const [window, setWindow] = useState<Window>('15m');
  const [grouping, setGrouping] = useState<Grouping>('model');
  const summary = useLive<CacheSummary>(async (c, s) => (await c.get<CacheSummary>('/cache/summary', { window }, s)).body, 5000, window);
  const series = useLive<CacheSeries>(
    async (c, s) => (await c.get<CacheSeries>('/cache/series', { window, step: STEPS[window] }, s)).body,
    5000,
    window,
  );
  const grouped = useLive<CacheSummary>(
    async (c, s) => (await c.get<CacheSummary>('/cache/summary', { window, groupBy: grouping }, s)).body,
    5000,
    window + grouping,
  );
  const absent = summary.error?.status === 404 && summary.data === undefined;
  return (
    <>
      <div class="title">
        <h1>Cache</h1>
        <Choice label="Time range" value={window} options={WINDOWS} onChange={setWindow} />
      </div>
      {absent ? (
        <Panel title="What the cache saves">
          <Shown live={summary} what="cache queries">
            {() => null}
          </Shown>
        </Panel>
      ) : (
        <>
          <Totals summary={summary} />
          <div class="columns">
            <Panel title="Hit ratio" note="in tokens">
              <Ratios series={series} />
            </Panel>
            <Panel title="Time to first token">
              <FirstTokens series={series} />
            </Panel>
          </div>
          <Panel title="Where the reuse went" note="tokens of all prompts">
            <Shown live={summary} what="cache queries" lines={8}>
              {(data) => <Waterfall group={data.groups[0]} />}
            </Shown>
          </Panel>
          <Panel title="Broken down by" note={<Choice label="Group by" value={grouping} options={GROUPS} onChange={setGrouping} />}>
            <Shown live={grouped} what="cache queries">
              {(data) => <Groups groups={data.groups} by={grouping} />}
            </Shown>
          </Panel>
          <Prefixes window={window} />
          <Advice />
        </>
      )}
    </>
  );
}

function Totals(props: { summary: Live<CacheSummary> }) {
  return (
    <Shown live={props.summary} what="cache queries" lines={3} staleAfterMs={20_000}>
      {(data) => {
        const group = data.groups[0];
        return (
          <>
            {data.missing.length > 0 && <Notice tone="warn" title={`Without ${data.missing.join(', ')}`}>These routers did not answer; figures are lower than they should be.</Notice>}
            {group !== undefined && (
              <div class="figures">
                <Figure label="Hit ratio reported" value={percent(group.hitRatioReported)} sub={`predicted ${percent(group.hitRatioPredicted)}`} />
                <Figure label="Saved" value={money(group.savedMicroUsd)} sub={`${count(group.savedTokens)} tokens`} />
                <Figure label="TTFT warm" value={millis(group.ttftWarmP50Ms)} sub={`p95 ${millis(group.ttftWarmP95Ms)}`} />
                <Figure label="TTFT cold" value={millis(group.ttftColdP50Ms)} sub={`p95 ${millis(group.ttftColdP95Ms)}`} />
                <Figure label="Requests" value={count(group.requests)} sub={`${many(group.errors, 'error')}, ${many(data.routers.length, 'router')}`} />
              </div>
            )}
          </>
        );
      }}
    </Shown>
  );
}

function usePoints(series: Live<CacheSeries>): { points: CachePoint[]; times: number[] } {
  return useMemo(() => {
    const points = series.data?.series[0]?.points ?? [];
    return { points, times: points.map((point) => Date.parse(point.at) / 1000) };
  }, [series.data]);
}

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

function Ratios(props: { series: Live<CacheSeries> }) {
  const { points, times } = usePoints(props.series);
  const lines = useMemo(
    () => [
      { label: 'reported', color: 'one' as const, values: points.map((p) => ratio(p.reportedTokens, p.promptTokens)) },
      { label: 'predicted', color: 'two' as const, dashed: true, values: points.map((p) => ratio(p.predictedTokens, p.promptTokens)) },
    ],
    [points],
  );
  return (
    <Shown live={props.series} what="cache queries" lines={6}>
      {() => (times.length === 0 ? <NoTraffic /> : <Chart label="Hit ratio over time" times={times} lines={lines} format={percent} top={1} />)}
    </Shown>
  );
}

function FirstTokens(props: { series: Live<CacheSeries> }) {
  const { points, times } = usePoints(props.series);
  const lines = useMemo(
    () => [
      { label: 'p50', color: 'one' as const, values: points.map((p) => known(p.ttftP50Ms)) },
      { label: 'p95', color: 'three' as const, values: points.map((p) => known(p.ttftP95Ms)) },
    ],
    [points],
  );
  return (
    <Shown live={props.series} what="cache queries" lines={6}>
      {() => (times.length === 0 ? <NoTraffic /> : <Chart label="Time to first token over time" times={times} lines={lines} format={millis} />)}
    </Shown>
  );
}

const known = (value: number | undefined): number | null => (value === undefined || value < 0 ? null : value);

const NoTraffic = () => <Empty title="No requests in this time" />;

function Waterfall(props: { group: CacheGroup | undefined }) {
  if (props.group === undefined || props.group.promptTokens === 0) {
    return <NoTraffic />;
  }
  const whole = Math.max(props.group.promptTokens, 1);
  return (
    <ul class="waterfall">
      {waterfall(props.group).map((step) => {
        const low = Math.min(step.from, step.to);
        const size = Math.abs(step.to - step.from);
        return (
          <li key={step.label} class={step.kind} title={step.why}>
            <span class="label">{step.label}</span>
            <span class="track">
              <span class="bar" style={{ marginLeft: `${(low / whole) * 100}%`, width: `${Math.max(0.3, (size / whole) * 100)}%` }} />
            </span>
            <span class="number">
              {step.kind === 'loss' ? '−' : step.kind === 'gain' ? '+' : ''}
              {count(size)}
            </span>
            <span class="number faint">{percent(size / whole)}</span>
            <span class="why">{step.why}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Groups(props: { groups: CacheGroup[]; by: string }) {
  if (props.groups.length === 0) {
    return <NoTraffic />;
  }
  return (
    <Table
      label={`Cache by ${props.by}`}
      head={[props.by, 'Hit ratio', 'Predicted', 'Requests', 'Prompt tokens', 'Saved tokens', 'Saved', 'TTFT warm', 'TTFT cold']}
      numbers={[2, 3, 4, 5, 6, 7, 8]}
    >
      {props.groups.map((group) => (
        <tr key={group.key}>
          <th scope="row">{group.key === '' ? 'none' : group.key}</th>
          <td>
            <Meter label="Hit ratio" part={group.hitRatioReported} text={percent(group.hitRatioReported)} />
          </td>
          <td class="number">{percent(group.hitRatioPredicted)}</td>
          <td class="number">{count(group.requests)}</td>
          <td class="number">{count(group.promptTokens)}</td>
          <td class="number">{count(group.savedTokens)}</td>
          <td class="number">{money(group.savedMicroUsd)}</td>
          <td class="number">{millis(group.ttftWarmP50Ms)}</td>
          <td class="number">{millis(group.ttftColdP50Ms)}</td>
        </tr>
      ))}
    </Table>
  );
}

function Prefixes(props: { window: string }) {
  const prefixes = useLive<CachePrefixes>(
    async (c, s) => (await c.get<CachePrefixes>('/cache/prefixes', { window: props.window, limit: 20 }, s)).body,
    10_000,
    props.window,
  );
  const share = prefixes.data?.duplicateShare;
  return (
    <Panel title="Hot prefixes" note={share === undefined ? undefined : `${percent(share)} of cached blocks lie on more than one replica`}>
      <Shown live={prefixes} what="hot prefixes">
        {(data) => (
          <>
            {data.prefixes.length === 0 ? (
              <Empty title="No prefix has been used twice yet" />
            ) : (
              <Table label="Hot prefixes" head={['Prefix', 'Model', 'Tenant', 'Depth', 'Requests', 'Saved tokens', 'Replicas']} numbers={[3, 4, 5, 6]}>
                {data.prefixes.map((prefix) => (
                  <tr key={prefix.prefix + prefix.model}>
                    <th scope="row">
                      <code>{prefix.prefix}</code>
                    </th>
                    <td>{prefix.model}</td>
                    <td>{prefix.tenant === '' ? '–' : prefix.tenant}</td>
                    <td class="number">{count(prefix.depthTokens)}</td>
                    <td class="number">{count(prefix.requests)}</td>
                    <td class="number">{count(prefix.savedTokens)}</td>
                    <td class="number">{prefix.replicas}</td>
                  </tr>
                ))}
              </Table>
            )}
          </>
        )}
      </Shown>
    </Panel>
  );
}

/** What more of it would bring; simulated, so that it is asked for once a minute. */
function Advice() {
  const advice = useLive<CacheAdvice>(async (c, s) => (await c.get<CacheAdvice>('/cache/advice', {}, s)).body, 60_000);
  return (
    <Panel title="What more would bring" note="the last hour's requests, simulated from empty caches">
      <Shown live={advice} what="advice">
        {(data) =>
          data.models.length === 0 ? (
            <Empty title="Nothing was simulated">{data.simulation.replace(/^none: /, '')}</Empty>
          ) : (
            <Table label="What more would bring" head={['Model', 'Requests', 'Fleet', 'Hit ratio', 'TTFT p50', 'TTFT p95']} numbers={[1, 3, 4, 5]}>
              {data.models.flatMap((model) =>
                (
                  [
                    ['as it is', model.asIs],
                    ['one more replica', model.oneMoreReplica],
                    ['twice the cache', model.twiceTheCache],
                  ] as const
                ).map(
                  ([fleet, outcome]) =>
                    outcome !== undefined && (
                      <tr key={model.model + fleet}>
                        <th scope="row">{model.model}</th>
                        <td class="number">{count(model.requests)}</td>
                        <td>{fleet}</td>
                        <td class="number">{percent(outcome.hitRatio)}</td>
                        <td class="number">{millis(outcome.ttftP50Ms)}</td>
                        <td class="number">{millis(outcome.ttftP95Ms)}</td>
                      </tr>
                    ),
                ),
              )}
            </Table>
          )
        }
      </Shown>
    </Panel>
  );
}
