import { useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import type { CacheReplica, Replica } from '../api/types';
import { count, many, millis, percent } from '../logic/format';
import { useLive } from '../state/live';
import { useClient } from '../state/session';
import { Badge, Dialog, Empty, Meter, Notice, Panel, Problem, Shown, Table } from '../ui/parts';

type Order = 'drain' | 'evacuate' | 'resume';

const ORDERS: Record<Order, { title: string; what: string; button: string }> = {
  drain: { title: 'Drain', what: 'Its traffic goes away within seconds; then it gets only what nobody else can serve. What is under way ends as it would.', button: 'Drain' },
  evacuate: { title: 'Evacuate', what: 'Nothing new goes there at once: what nobody else can serve is refused. What is under way ends as it would.', button: 'Evacuate' },
  resume: { title: 'Resume', what: 'Its traffic comes back step by step.', button: 'Resume' },
};

export function Replicas() {
  const client = useClient();
  const replicas = useLive<Replica[]>(async (c, s) => (await c.get<{ replicas: Replica[] }>('/replicas', {}, s)).body.replicas, 2000);
  const cache = useLive<CacheReplica[]>(async (c, s) => (await c.get<{ replicas: CacheReplica[] }>('/cache/replicas', {}, s)).body.replicas, 4000);
  const [asked, setAsked] = useState<{ replica: Replica; order: Order } | undefined>();
  const [problem, setProblem] = useState<ApiError | undefined>();
  const [busy, setBusy] = useState('');
  const more = new Map((cache.data ?? []).map((replica) => [replica.id, replica]));

  const give = async (replica: Replica, order: Order): Promise<void> => {
    setAsked(undefined);
    setProblem(undefined);
    setBusy(replica.id);
    try {
      await client.call('POST', `/replicas/${encodeURIComponent(replica.id)}:${order}`);
    } catch (e) {
      setProblem(e instanceof ApiError ? e : new ApiError(0, '', String(e)));
    } finally {
      setBusy('');
      replicas.reload();
    }
  };

  return (
    <>
      <h1>Replicas</h1>
      {problem !== undefined && <Problem error={problem} />}
      <Panel title="This region" note={replicas.data && `${replicas.data.filter((r) => r.healthy).length} of ${many(replicas.data.length, 'replica')} healthy`}>
        {cache.error?.status === 404 && cache.data === undefined && <Notice tone="plain" title="Fill and hit ratio are not offered by this router" />}
        <Shown live={replicas} what="replicas" staleAfterMs={8000} lines={6}>
          {(list) =>
            list.length === 0 ? (
              <Empty title="No replica has announced itself">An agent beside each engine does so; or name engines under replicas in the configuration.</Empty>
            ) : (
              <Table
                label="Replicas"
                head={['Replica', 'State', 'Cache fill', 'Hit ratio', 'In flight', 'Waiting', 'Blocks', 'Evicted', 'Epoch', 'Service']}
                numbers={[4, 5, 6, 7, 8]}
              >
                {list.map((replica) => (
                  <Row key={replica.id} replica={replica} cache={more.get(replica.id)} busy={busy === replica.id} onAsk={(order) => (order === 'resume' ? void give(replica, order) : setAsked({ replica, order }))} />
                ))}
              </Table>
            )
          }
        </Shown>
      </Panel>
      {asked !== undefined && (
        <Dialog title={`${ORDERS[asked.order].title} ${asked.replica.id}?`} onClose={() => setAsked(undefined)}>
          <p>{ORDERS[asked.order].what}</p>
          <p class="faint">All routers of this region heed it. {many(asked.replica.requests, 'request is', 'requests are')} under way there.</p>
          <footer>
            <button type="button" onClick={() => setAsked(undefined)}>
              Cancel
            </button>
            <button type="button" class="primary" onClick={() => void give(asked.replica, asked.order)}>
              {ORDERS[asked.order].button}
            </button>
          </footer>
        </Dialog>
      )}
    </>
  );
}

function Row(props: { replica: Replica; cache: CacheReplica | undefined; busy: boolean; onAsk: (order: Order) => void }) {
  const { replica, cache } = props;
  const action = replica.service.action;
  const out = action === 'drain' || action === 'evacuate';
  return (
    <tr aria-busy={props.busy}>
      <th scope="row">
        {replica.id}
        <div class="faint">{replica.models.join(', ')}</div>
      </th>
      <td>
        <Badge tone={replica.healthy ? 'good' : 'bad'}>{replica.healthy ? 'healthy' : 'unhealthy'}</Badge>
        {action !== 'none' && (
          <Badge tone="warn" title={replica.service.since}>
            {action === 'resume' ? `returning, ${percent(replica.service.share)}` : action === 'drain' ? 'drained' : 'evacuated'}
          </Badge>
        )}
      </td>
      <td>{cache?.fillRatio === undefined || cache.fillRatio < 0 ? '–' : <Meter label="Cache fill" part={cache.fillRatio} text={percent(cache.fillRatio)} tone={cache.fillRatio > 0.95 ? 'warn' : 'info'} />}</td>
      <td>{cache?.hitRatioReported === undefined ? '–' : <Meter label="Hit ratio" part={cache.hitRatioReported} text={percent(cache.hitRatioReported)} />}</td>
      <td class="number">{replica.requests}</td>
      <td class="number">{millis(cache?.waitingMs)}</td>
      <td class="number">{cache?.blocks === undefined ? '–' : count(cache.blocks)}</td>
      <td class="number">{cache?.evictedBlocks === undefined ? '–' : count(cache.evictedBlocks)}</td>
      <td class="number">{cache?.epoch ?? '–'}</td>
      <td class="actions">
        {out ? (
          <button type="button" disabled={props.busy} onClick={() => props.onAsk('resume')} aria-label={`Resume ${replica.id}`}>
            Resume
          </button>
        ) : (
          <>
            <button type="button" disabled={props.busy} onClick={() => props.onAsk('drain')} aria-label={`Drain ${replica.id}`}>
              Drain
            </button>
            <button type="button" disabled={props.busy} onClick={() => props.onAsk('evacuate')} aria-label={`Evacuate ${replica.id}`}>
              Evacuate
            </button>
          </>
        )}
      </td>
    </tr>
  );
}
