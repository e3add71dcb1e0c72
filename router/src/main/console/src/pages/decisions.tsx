import { useEffect, useRef, useState } from 'preact/hooks';
import type { Decision, DecisionFound, DecisionList } from '../api/types';
import { count, many, millis, time } from '../logic/format';
import { stages } from '../logic/timeline';
import { link, useLive, useStream } from '../state/live';
import { Badge, Empty, Notice, Panel, Shown, Table, type Tone } from '../ui/parts';

const WORDS = ['hit', 'home', 'spill', 'forward', 'failover', 'off', 'none'];
const TONES: Record<string, Tone> = { hit: 'good', home: 'info', spill: 'warn', forward: 'info', failover: 'bad' };

/** How many the list keeps; older ones are asked for by filter. */
const MOST = 200;

interface Filter {
  model: string;
  tenant: string;
  replica: string;
  decision: string;
  status: string;
  minTtftMs: string;
}

const ALL: Filter = { model: '', tenant: '', replica: '', decision: '', status: '', minTtftMs: '' };

export function Decisions(props: { id: string | undefined }) {
  return props.id === undefined ? <Tail /> : <One id={props.id} />;
}

function Tail() {
  const [filter, setFilter] = useState<Filter>(ALL);
  const [paused, setPaused] = useState(false);
  const [came, setCame] = useState<Decision[]>([]);
  const [note, setNote] = useState('');
  const asked = JSON.stringify(filter);
  const first = useLive<DecisionList>(
    async (c, s) => {
      const list = (await c.get<DecisionList>('/decisions', { ...filter, pageSize: 50 }, s)).body;
      setCame([]);
      return list;
    },
    0,
    asked,
  );
  const state = useStream(paused || first.data === undefined ? '' : '/decisions:tail', { ...filter }, (event) => {
    const data = JSON.parse(event.data) as Decision & { requests?: number; routers?: string[]; reason?: string };
    if (event.name === 'decision') {
      setCame((before) => [data, ...before.filter((d) => key(d) !== key(data))].slice(0, MOST));
    } else if (event.name === 'missed') {
      setNote(`${count(data.requests ?? 0)} more came than are shown`);
    } else if (event.name === 'silent') {
      setNote(`Without ${(data.routers ?? []).join(', ')}: they do not answer`);
    } else if (event.name === 'dropped') {
      setNote(data.reason ?? 'The stream was cut');
    }
  });
  // What ended while the stream was broken is in the list only.
  const before = useRef(state);
  useEffect(() => {
    if (state === 'live' && before.current === 'lost') {
      first.reload();
    }
    before.current = state;
  }, [state, first.reload]);
  const set = (name: keyof Filter) => (value: string) => setFilter((before) => ({ ...before, [name]: value.trim() }));
  return (
    <>
      <h1>Decisions</h1>
      <Panel
        title="Requests, newest first"
        note={
          <>
            {first.data !== undefined && (
              <Badge tone={paused ? 'plain' : state === 'live' ? 'good' : 'warn'}>{paused ? 'paused' : state === 'live' ? 'live' : state === 'opening' ? 'connecting' : 'reconnecting'}</Badge>
            )}
            <button type="button" aria-pressed={paused} onClick={() => setPaused(!paused)} disabled={first.data === undefined}>
              {paused ? 'Follow' : 'Pause'}
            </button>
          </>
        }
      >
        <div class="filters" role="search" aria-label="Filter">
          <Field label="Model" onChange={set('model')} />
          <Field label="Tenant" onChange={set('tenant')} />
          <Field label="Replica" onChange={set('replica')} />
          <label>
            Decision
            <select onChange={(e) => set('decision')(e.currentTarget.value)}>
              <option value="">any</option>
              {WORDS.map((word) => (
                <option key={word}>{word}</option>
              ))}
            </select>
          </label>
          <Field label="Status" onChange={set('status')} numeric />
          <Field label="TTFT over, ms" onChange={set('minTtftMs')} numeric />
        </div>
        {note !== '' && <Notice tone="warn" title={note} />}
        <Shown live={first} what="decisions" lines={10}>
          {(list) => {
            const seen = new Set(came.map(key));
            const rows = [...came, ...list.decisions.filter((d) => !seen.has(key(d)))].slice(0, MOST);
            return (
              <>
                {list.partial && <Notice tone="warn" title={`Without ${list.silentRouters.join(', ')}`}>They did not answer in time.</Notice>}
                {rows.length === 0 ? <Empty title="No request so far">They appear here as they end.</Empty> : <List rows={rows} />}
              </>
            );
          }}
        </Shown>
      </Panel>
    </>
  );
}

const key = (d: Decision): string => `${d.router} ${d.number}`;

function Field(props: { label: string; numeric?: boolean; onChange: (value: string) => void }) {
  return (
    <label>
      {props.label}
      <input type="text" inputMode={props.numeric === true ? 'numeric' : 'text'} placeholder="any" onChange={(e) => props.onChange(e.currentTarget.value)} />
    </label>
  );
}

function List(props: { rows: Decision[] }) {
  const now = new Date();
  return (
    <Table
      label="Decisions"
      head={['Arrived', 'Request', 'Decision', 'Model', 'Tenant', 'Served by', 'Prompt', 'Cached', 'Predicted', 'First byte', 'Status']}
      numbers={[6, 7, 8, 9, 10]}
    >
      {props.rows.map((d) => (
        <tr key={key(d)}>
          <td class="nowrap">{time(d.arrivedAt, now)}</td>
          <th scope="row">
            <a href={link('decisions', d.requestId)} title={d.reason}>
              <code>{short(d.requestId)}</code>
            </a>
          </th>
          <td>
            <Badge tone={TONES[d.decision] ?? 'plain'}>{d.decision}</Badge>
          </td>
          <td>{d.model}</td>
          <td>{d.tenant === '' ? '–' : d.tenant}</td>
          <td>{d.servedBy.replica ?? d.servedBy.region ?? '–'}</td>
          <td class="number">{tokens(d.tokens.prompt ?? d.tokens.promptEstimated)}</td>
          <td class="number">{tokens(d.tokens.cachedReported)}</td>
          <td class="number">{tokens(d.tokens.cachedPredicted)}</td>
          <td class="number">{millis(d.timelineMs['firstByte'])}</td>
          <td class="number">{d.status === 0 ? d.state : <span class={d.status >= 400 ? 'bad-text' : undefined}>{d.status}</span>}</td>
        </tr>
      ))}
    </Table>
  );
}

const short = (id: string): string => (id.length > 14 ? `${id.slice(0, 6)}…${id.slice(-6)}` : id);
const tokens = (n: number | undefined): string => (n === undefined || n < 0 ? '–' : count(n));

function One(props: { id: string }) {
  const found = useLive<DecisionFound>(async (c, s) => (await c.get<DecisionFound>(`/decisions/${encodeURIComponent(props.id)}`, {}, s)).body, 0, props.id);
  const unknown = found.error?.status === 404 && found.data === undefined;
  return (
    <>
      <p class="crumbs">
        <a href={link('decisions')}>Decisions</a>
      </p>
      <h1>
        Request <code>{props.id}</code>
      </h1>
      {unknown ? (
        <Panel title="Not found">
          <Empty title="No router of this region knows this request">Each keeps its last requests only. Or its id is another one: clients find it in the answer's x-request-id.</Empty>
        </Panel>
      ) : (
        <Shown live={found} what="decisions" lines={12}>
          {(data) => (
            <>
              {data.partial && <Notice tone="warn" title={`Without ${data.silentRouters.join(', ')}`}>They did not answer in time.</Notice>}
              {data.askRegions.length > 0 && <Notice tone="plain" title={`More is known in ${data.askRegions.join(', ')}`}>Ask a router there for this request.</Notice>}
              {data.decisions.map((d) => (
                <Story key={key(d)} d={d} />
              ))}
            </>
          )}
        </Shown>
      )}
    </>
  );
}

function Story(props: { d: Decision }) {
  const { d } = props;
  return (
    <>
      <Panel title={`In ${d.region}`} note={<Badge tone={TONES[d.decision] ?? 'plain'}>{d.decision}</Badge>}>
        <p class="reason">{d.reason}</p>
        <dl class="facts wide">
          <dt>Arrived</dt>
          <dd>{d.arrivedAt}</dd>
          <dt>Router</dt>
          <dd>
            {d.router}
            {d.forwarded && ', sent here by another region'}
          </dd>
          <dt>Model</dt>
          <dd>{d.model}</dd>
          <dt>Tenant</dt>
          <dd>{d.tenant === '' ? '–' : d.tenant}</dd>
          <dt>Policy</dt>
          <dd>
            <a href={link('policies', d.policy.id)}>{d.policy.id}</a> at revision {d.policy.revision}, {d.policy.consistency}
          </dd>
          <dt>Served by</dt>
          <dd>{[d.servedBy.replica, d.servedBy.region].filter((x) => x !== undefined && x !== '').join(' in ') || '–'}</dd>
          <dt>Outcome</dt>
          <dd>
            {d.state}
            {d.status > 0 && `, ${d.status}`}
            {d.error !== '' && <span class="bad-text"> {d.error}</span>}
          </dd>
          <dt>Tokens</dt>
          <dd>
            {tokens(d.tokens.prompt ?? d.tokens.promptEstimated)} in, {tokens(d.tokens.output)} out; cached {tokens(d.tokens.cachedReported)} reported, {tokens(d.tokens.cachedPredicted)} predicted
          </dd>
          {d.traceId !== '' && (
            <>
              <dt>Trace</dt>
              <dd>
                <code>{d.traceId}</code>
              </dd>
            </>
          )}
        </dl>
      </Panel>
      <Panel title="Timeline" note="ms from arrival">
        <Timeline d={d} />
      </Panel>
      <Candidates d={d} />
    </>
  );
}

function Timeline(props: { d: Decision }) {
  const spans = stages(props.d.timelineMs);
  const attempts = props.d.attempts.map((a, i) => ({
    label: `Attempt ${i + 1}`,
    detail: `${a.replica === '' ? a.region : a.replica}${a.hop ? ' (hop)' : ''}: ${a.outcome}`,
    from: a.fromMs,
    to: a.fromMs + (a.ms ?? 0),
    kind: 'attempt',
  }));
  const all = [...spans.map((span) => ({ ...span, detail: '' })), ...attempts];
  const end = Math.max(0.001, ...all.map((span) => span.to));
  return all.length === 0 ? (
    <Empty title="Nothing measured yet" />
  ) : (
    <ul class="timeline">
      {all.map((span) => (
        <li key={span.label} class={span.kind}>
          <span class="label">{span.label}</span>
          <span class="track">
            <span class="bar" style={{ marginLeft: `${(span.from / end) * 100}%`, width: `${Math.max(0.3, ((span.to - span.from) / end) * 100)}%` }} />
          </span>
          <span class="number">{millis(span.to - span.from)}</span>
          {span.detail !== '' && <span class="why">{span.detail}</span>}
        </li>
      ))}
    </ul>
  );
}

function Candidates(props: { d: Decision }) {
  const { d } = props;
  return (
    <>
      <Panel title="Candidates" note={d.candidatesLeftOut === undefined || d.candidatesLeftOut === 0 ? 'best first' : `best first; ${d.candidatesLeftOut} more`}>
        {d.candidates.length === 0 ? (
          <Empty title="No replica was weighed here" />
        ) : (
          <Table label="Candidates" head={['Replica', '', 'Cached', 'In flight', 'Waiting', 'Round trip', 'Prefill', 'Cost', 'Evicts', 'Price']} numbers={[2, 3, 4, 5, 6, 7, 8, 9]}>
            {d.candidates.map((c) => (
              <tr key={c.replica} class={c.winner ? 'chosen' : undefined}>
                <th scope="row">{c.replica}</th>
                <td>
                  {c.winner && <Badge tone="good">chosen</Badge>}
                  {c.home && <Badge tone="info">home</Badge>}
                  {c.overloaded && <Badge tone="warn">busy</Badge>}
                  {!c.healthy && <Badge tone="bad">unhealthy</Badge>}
                  {c.refused !== undefined && <Badge tone="bad">{c.refused}</Badge>}
                </td>
                <td class="number">{tokens(c.cachedTokens)}</td>
                <td class="number">{c.inFlight}</td>
                <td class="number">{millis(c.waitingMs)}</td>
                <td class="number">{millis(c.roundTripMs)}</td>
                <td class="number">{millis(c.prefillMs)}</td>
                <td class="number">{millis(c.costMs)}</td>
                <td class="number">{millis(c.evictionMs)}</td>
                <td class="number">{millis(c.priceMs)}</td>
              </tr>
            ))}
          </Table>
        )}
      </Panel>
      {d.regions.length > 0 && (
        <Panel title="Regions">
          <Table label="Regions weighed" head={['Region', '', 'Cached', 'Waiting', 'Round trip', 'Cost']} numbers={[2, 3, 4, 5]}>
            {d.regions.map((r) => (
              <tr key={r.region} class={r.chosen ? 'chosen' : undefined}>
                <th scope="row">{r.region}</th>
                <td>
                  {r.chosen && <Badge tone="good">chosen</Badge>}
                  {r.refused !== undefined && <Badge tone="bad">{r.refused}</Badge>}
                </td>
                <td class="number">{tokens(r.cachedTokens)}</td>
                <td class="number">{millis(r.waitingMs)}</td>
                <td class="number">{millis(r.roundTripMs)}</td>
                <td class="number">{millis(r.costMs)}</td>
              </tr>
            ))}
          </Table>
        </Panel>
      )}
      {d.refused.length > 0 && (
        <Panel title="Ruled out" note={many(d.refused.length, 'place')}>
          <ul class="plain">
            {d.refused.map((r) => (
              <li key={r.region + r.replica}>
                <Badge tone="bad">{r.why}</Badge> {r.replica === '' ? `all of ${r.region}` : r.replica}
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}
