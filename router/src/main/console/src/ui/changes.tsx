import type { DiffEntry, Impact, WriteResult } from '../api/types';
import type { Change } from '../logic/diff';
import { count, inline, many, millis, percent } from '../logic/format';
import { Notice, Table } from './parts';

export function Changes(props: { changes: Change[] }) {
  return <DiffList entries={props.changes.map((c) => ({ path: c.path.join('.'), from: c.from, to: c.to }))} />;
}

/** As the router tells them, but for how a revision is rolled out: that is shown for itself. */
export function RouterDiff(props: { diff: DiffEntry[] }) {
  const diff = props.diff.filter((d) => !d.path.startsWith('/canaries/'));
  return <DiffList entries={diff.map((d) => ({ path: d.path.replace(/^\//, ''), from: d.from, to: d.to }))} />;
}

function DiffList(props: { entries: { path: string; from?: unknown; to?: unknown }[] }) {
  if (props.entries.length === 0) {
    return <p class="faint">Nothing</p>;
  }
  return (
    <ul class="diff">
      {props.entries.map((entry) => (
        <li key={entry.path}>
          <code>{entry.path}</code>
          <span>
            {entry.from !== undefined && entry.from !== '' && <del>{inline(entry.from)}</del>} {entry.to !== undefined && <ins>{entry.to === '' ? 'empty' : inline(entry.to)}</ins>}
          </span>
        </li>
      ))}
    </ul>
  );
}

export function ImpactReport(props: { result: WriteResult }) {
  const { impact } = props.result;
  return (
    <div class="impact">
      <Notice tone="good" title="Valid">
        Nothing has been written.{impact === undefined && ' This router does not estimate the impact.'}
      </Notice>
      {impact !== undefined && <Estimate impact={impact} />}
    </div>
  );
}

function Estimate(props: { impact: Impact }) {
  const { impact } = props;
  if (impact.requests === 0) {
    return <p class="faint">No request of the last hour is known: nothing to estimate the impact by.</p>;
  }
  return (
    <>
      <h3>What it would have made of the last {many(impact.requests, 'request')}</h3>
      <p>
        {many(impact.affected, 'request')} under other rules, {count(impact.newlyRefused)} newly refused, {count(impact.newlyServed)} newly served
        {impact.undecided > 0 && `, ${count(impact.undecided)} undecided`}.
        {impact.silentRouters.length > 0 && ` Without ${impact.silentRouters.join(', ')}.`}
      </p>
      {impact.models.length > 0 && (
        <Table label="Impact by model" head={['Model', 'Routed differently', 'Hit ratio', 'TTFT p50', 'TTFT p95', 'To other regions']} numbers={[1, 2, 3, 4, 5]}>
          {impact.models.map((m) => (
            <tr key={m.model}>
              <th scope="row">{m.model}</th>
              <td class="number">
                {count(m.routedDifferently)} of {count(m.requests)}
              </td>
              <td class="number">{percent(m.before.hitRatio)} → {percent(m.after.hitRatio)}</td>
              <td class="number">{millis(m.before.ttftP50Ms)} → {millis(m.after.ttftP50Ms)}</td>
              <td class="number">{millis(m.before.ttftP95Ms)} → {millis(m.after.ttftP95Ms)}</td>
              <td class="number">{percent(m.before.crossRegionShare)} → {percent(m.after.crossRegionShare)}</td>
            </tr>
          ))}
        </Table>
      )}
      {impact.simulation !== 'done' && <p class="faint">Not simulated: {impact.simulation}</p>}
    </>
  );
}
