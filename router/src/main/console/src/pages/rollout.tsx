import { useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import type { DiffEntry, Revision, Rollout, WriteResult } from '../api/types';
import { count, millis, percent, time } from '../logic/format';
import { link, useLive } from '../state/live';
import { useClient } from '../state/session';
import { RouterDiff } from '../ui/changes';
import { Badge, Dialog, Empty, Panel, Problem, Shown, Table, type Tone } from '../ui/parts';
import { PHASES } from './overview';

const ACKS: Record<string, Tone> = { ACK: 'good', PENDING: 'warn', NACK: 'bad' };

/** A revision: how far it has come, what it changed, and the way back to it. */
export function RolloutPage(props: { revision: string }) {
  const client = useClient();
  const [asked, setAsked] = useState<'' | 'back' | 'promote' | 'rollback'>('');
  const [problem, setProblem] = useState<ApiError | undefined>();
  const rollout = useLive<Rollout>(async (c, s) => (await c.get<Rollout>(`/rollouts/${props.revision}`, {}, s)).body, 1500, props.revision);
  const revision = useLive<Revision>(async (c, s) => (await c.get<Revision>(`/revisions/${props.revision}`, {}, s)).body, 0, props.revision);
  const parent = revision.data?.parent ?? 0;
  const changes = useLive<DiffEntry[]>(
    async (c, s) => (parent < 1 ? [] : (await c.get<{ diff: DiffEntry[] }>('/revisions:diff', { from: parent, to: props.revision }, s)).body.diff),
    0,
    `${props.revision} ${parent}`,
  );

  const act = async (path: string, headers: Record<string, string>): Promise<void> => {
    setAsked('');
    setProblem(undefined);
    try {
      const answer = await client.call<WriteResult>('POST', path, { headers: { ...headers, 'Idempotency-Key': `"${crypto.randomUUID()}"` } });
      location.hash = link('rollouts', String(answer.body.revision)).slice(1);
    } catch (e) {
      setProblem(e instanceof ApiError ? e : new ApiError(0, '', String(e)));
    }
  };
  const back = async (): Promise<void> => {
    try {
      const newest = await client.get('/revisions', { pageSize: 1 });
      await act(`/revisions/${props.revision}:rollback`, { 'If-Match': newest.etag });
    } catch (e) {
      setAsked('');
      setProblem(e instanceof ApiError ? e : new ApiError(0, '', String(e)));
    }
  };

  const canary = rollout.data?.state === 'CANARY';
  return (
    <>
      <p class="crumbs">
        <a href={link('policies')}>Policies</a>
      </p>
      <div class="title">
        <h1>Revision {props.revision}</h1>
        <span>
          {canary && (
            <>
              <button type="button" class="primary" onClick={() => setAsked('promote')}>
                Promote
              </button>{' '}
              <button type="button" class="danger" onClick={() => setAsked('rollback')}>
                Stop
              </button>{' '}
            </>
          )}
          <button type="button" onClick={() => setAsked('back')}>
            Roll back to this
          </button>
        </span>
      </div>
      {problem !== undefined && <Problem error={problem} />}
      <Panel title="Rollout">
        <Shown live={rollout} what="rollouts" staleAfterMs={10_000}>
          {(data) => <RolloutView rollout={data} />}
        </Shown>
      </Panel>
      <Panel title="What it changed">
        <Shown live={revision} what="revisions">
          {(data) => (
            <>
              <p class="faint">
                {data.author}, {time(data.createdAt, new Date())}
                {data.description !== '' && `: ${data.description}`}
              </p>
              {parent < 1 ? <Empty title="The first revision" /> : <Shown live={changes} what="revisions">{(diff) => <RouterDiff diff={diff} />}</Shown>}
            </>
          )}
        </Shown>
      </Panel>
      {asked !== '' && (
        <Dialog title={TITLES[asked](props.revision)} onClose={() => setAsked('')}>
          <p>{TEXTS[asked]}</p>
          <footer>
            <button type="button" onClick={() => setAsked('')}>
              Cancel
            </button>
            <button type="button" class="primary" onClick={() => void (asked === 'back' ? back() : act(`/rollouts/${props.revision}:${asked}`, {}))}>
              {asked === 'promote' ? 'Promote' : 'Roll back'}
            </button>
          </footer>
        </Dialog>
      )}
    </>
  );
}

const TITLES = {
  back: (revision: string) => `Back to revision ${revision}?`,
  promote: (revision: string) => `Promote revision ${revision}?`,
  rollback: (revision: string) => `Stop revision ${revision}?`,
};

const TEXTS = {
  back: 'All that it held becomes a new revision. Later changes are undone, but stay in the history.',
  promote: 'All requests get it from now on.',
  rollback: 'No request gets it any more; all get what was before.',
};

/** Each router's word on a revision, as it comes in. */
export function RolloutView(props: { rollout: Rollout }) {
  const { rollout } = props;
  const routers = rollout.regions.flatMap((region) => region.routers);
  const acks = routers.filter((router) => router.state === 'ACK').length;
  return (
    <div aria-live="polite">
      <p>
        <Badge tone={PHASES[rollout.state]}>{rollout.state.toLowerCase().replace('_', ' ')}</Badge> {acks} of {routers.length} routers serve it
        {rollout.millis >= 0 && `; live everywhere after ${millis(rollout.millis)}`}
        {rollout.reason !== undefined && rollout.reason !== '' && <span> – {rollout.reason}</span>}
      </p>
      {rollout.canary !== undefined && (
        <p class="faint">
          {rollout.canary.regions.length > 0 ? `In ${rollout.canary.regions.join(', ')}` : `${rollout.canary.percent} % of requests`}, held {rollout.canary.holdSeconds} s, then{' '}
          {rollout.canary.promote === 'AUTO' ? 'promoted by itself' : 'waits to be promoted'}. The others get revision {rollout.canary.base}.
        </p>
      )}
      {rollout.arms !== undefined && (
        <Table label="Both sides of the canary" head={['', 'Requests', 'Errors', 'TTFT p95', 'Hit ratio']} numbers={[1, 2, 3, 4]}>
          {(['canary', 'base'] as const).map((side) => {
            const arm = rollout.arms?.[side];
            return arm === undefined ? null : (
              <tr key={side}>
                <th scope="row">{side === 'canary' ? 'New' : 'Old'}</th>
                <td class="number">{count(arm.requests)}</td>
                <td class="number">{arm.requests === 0 ? '–' : percent(arm.errorRate)}</td>
                <td class="number">{arm.requests === 0 ? '–' : millis(arm.ttftP95Ms)}</td>
                <td class="number">{arm.requests === 0 ? '–' : percent(arm.hitRatio)}</td>
              </tr>
            );
          })}
        </Table>
      )}
      <ul class="acks">
        {rollout.regions.map((region) => (
          <li key={region.region}>
            <strong>{region.region}</strong>
            {!region.reachable && <Badge tone="bad">unreachable</Badge>}
            {region.routers.map((router) => (
              <span key={router.router} class="ack">
                <Badge tone={ACKS[router.state] ?? 'plain'} title={`Serves revision ${router.serves}`}>
                  {router.router} {router.state}
                </Badge>
                {router.reason !== '' && <span class="bad-text"> {router.reason}</span>}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </div>
  );
}
