import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, type Client } from '../api/client';
import type { Policy, Rollout, WriteResult } from '../api/types';
import { diff } from '../logic/diff';
import { type Json, type JsonObject, pretty, same, withAt } from '../logic/json';
import { NAME, NEW_POLICY, parsed } from '../logic/policy';
import { link, useLive } from '../state/live';
import { useClient } from '../state/session';
import { Changes, ImpactReport } from '../ui/changes';
import { Choice, Dialog, Notice, Panel, Problem, Shown, Skeleton } from '../ui/parts';
import { MergeDialog } from './merge-dialog';
import { PolicyForm } from './policy-form';
import { NO_STAGE, type Stage, Staging } from './staging';
import { RolloutView } from './rollout';

/** What the editor began with. */
interface Base {
  policy: JsonObject;
  etag: string;
}

const without = (policy: JsonObject): JsonObject => withAt(policy, ['id'], undefined);

async function read(client: Client, id: string): Promise<Base> {
  const answer = await client.get<Policy>(`/policies/${encodeURIComponent(id)}`);
  return { policy: without(answer.body), etag: answer.etag };
}

export function Editor(props: { id: string }) {
  const loaded = useLive<Base>((c) => (props.id === '' ? Promise.resolve({ policy: NEW_POLICY, etag: '' }) : read(c, props.id)), 0, props.id);
  const gone = loaded.error?.status === 404 && loaded.error.code !== 'no-policy-store';
  return (
    <>
      <p class="crumbs">
        <a href={link('policies')}>Policies</a>
      </p>
      <h1>{props.id === '' ? 'New policy' : props.id}</h1>
      {gone ? (
        <Notice tone="warn" title={`There is no policy ${props.id}`} />
      ) : loaded.data === undefined && loaded.error === undefined ? (
        <Skeleton lines={12} />
      ) : (
        <Shown live={{ ...loaded, error: loaded.data === undefined ? loaded.error : undefined }} what="policies">
          {(base) => <Edit id={props.id} base={base} />}
        </Shown>
      )}
    </>
  );
}

type Busy = '' | 'validate' | 'save' | 'delete';

function Edit(props: { id: string; base: Base }) {
  const client = useClient();
  const [base, setBase] = useState(props.base);
  const [name, setName] = useState(props.id);
  const [text, setText] = useState(() => pretty(props.base.policy));
  const [view, setView] = useState<'form' | 'json'>('form');
  const [stage, setStage] = useState<Stage>(NO_STAGE);
  const [busy, setBusy] = useState<Busy>('');
  const [checked, setChecked] = useState<WriteResult | undefined>();
  const [problem, setProblem] = useState<ApiError | undefined>();
  const [theirs, setTheirs] = useState<Base | undefined>();
  const [removing, setRemoving] = useState(false);
  const [saved, setSaved] = useState(0);
  const draft = useMemo(() => parsed(text), [text]);
  const creating = props.id === '' || base.etag === '';
  const valid = typeof draft !== 'string' && NAME.test(name);
  const dirty = typeof draft === 'string' || creating || !same(draft, base.policy);
  const changes = useMemo(() => (typeof draft === 'string' ? [] : diff(creating ? {} : base.policy, draft)), [draft, base, creating]);

  useEffect(() => {
    const leave = (e: BeforeUnloadEvent): void => {
      if (dirty && saved === 0 && text !== pretty(props.base.policy)) {
        e.preventDefault();
      }
    };
    addEventListener('beforeunload', leave);
    return () => removeEventListener('beforeunload', leave);
  }, [dirty, saved, text]);

  const edit = (next: string): void => {
    setText(next);
    setChecked(undefined);
    setProblem(undefined);
  };
  const set = (path: string[], value: Json | undefined): void => {
    if (typeof draft !== 'string') {
      edit(pretty(withAt(draft, path, value)));
    }
  };

  const run = async (what: Busy, work: () => Promise<void>): Promise<void> => {
    setBusy(what);
    setProblem(undefined);
    try {
      await work();
    } catch (e) {
      const error = e instanceof ApiError ? e : new ApiError(0, '', String(e));
      if (error.status === 412 && what !== 'delete') {
        await conflict(error);
      } else {
        setProblem(error);
      }
    } finally {
      setBusy('');
    }
  };

  /** Somebody else has written meanwhile: ask what shall become of both. */
  const conflict = async (error: ApiError): Promise<void> => {
    try {
      setTheirs(await read(client, name));
    } catch (e) {
      if (e instanceof ApiError && e.status === 404) {
        setBase({ policy: {}, etag: '' });
        setProblem(new ApiError(412, 'gone', 'Somebody has removed this policy meanwhile. Saving creates it again.'));
      } else {
        setProblem(e instanceof ApiError ? e : error);
      }
    }
  };

  const write = (policy: JsonObject, etag: string, validateOnly: boolean): Promise<WriteResult> => {
    const query = validateOnly ? { validateOnly: 'true' } : {};
    if (stage.on) {
      const change = { kind: 'policies', id: name, put: policy, ...(etag === '' ? { create: true } : { ifMatch: etag }) };
      return client.call<WriteResult>('POST', '/changesets', { body: { changes: [change], rollout: stage.rollout }, query }).then((a) => a.body);
    }
    const headers: Record<string, string> = etag === '' ? { 'If-None-Match': '*' } : { 'If-Match': etag };
    return client.call<WriteResult>('PUT', `/policies/${encodeURIComponent(name)}`, { body: policy, headers, query }).then((a) => a.body);
  };

  const save = (policy: JsonObject, etag: string): Promise<void> =>
    run('save', async () => {
      const result = await write(policy, etag, false);
      setTheirs(undefined);
      setChecked(undefined);
      setSaved(result.revision);
      if (props.id === '') {
        history.replaceState(null, '', link('policies', name));
      }
      // The router has filled in what was left out.
      const kept = await read(client, name);
      setBase(kept);
      setText(pretty(kept.policy));
    });

  const remove = (): Promise<void> =>
    run('delete', async () => {
      setRemoving(false);
      const answer = await client.call<WriteResult>('DELETE', `/policies/${encodeURIComponent(name)}`, { headers: { 'If-Match': base.etag } });
      location.hash = link('rollouts', String(answer.body.revision)).slice(1);
    });

  return (
    <>
      <div class="editor">
        <Panel
          title="Policy"
          note={
            <Choice
              label="View"
              value={view}
              options={[
                ['form', 'Form'],
                ['json', 'JSON'],
              ]}
              onChange={setView}
            />
          }
        >
          {props.id === '' && (
            <label class="field">
              Name
              <input value={name} placeholder="eu-only" aria-invalid={name !== '' && !NAME.test(name)} onInput={(e) => setName(e.currentTarget.value)} />
              {name !== '' && !NAME.test(name) && <span class="bad-text">Small letters, digits and hyphens; a letter first</span>}
            </label>
          )}
          {view === 'json' || typeof draft === 'string' ? (
            <label class="field">
              <span class="hidden-visually">JSON</span>
              <textarea spellcheck={false} rows={22} value={text} aria-invalid={typeof draft === 'string'} onInput={(e) => edit(e.currentTarget.value)} />
              {typeof draft === 'string' && <span class="bad-text">{draft}</span>}
            </label>
          ) : (
            <PolicyForm policy={draft} onSet={set} />
          )}
        </Panel>
        <Panel title="Changes" note={creating ? 'a new policy' : changes.length === 0 ? 'none' : undefined}>
          <Changes changes={changes} />
          <Staging stage={stage} onChange={setStage} />
          <footer class="buttons">
            {!creating && (
              <button type="button" class="danger" disabled={busy !== ''} onClick={() => setRemoving(true)}>
                Delete
              </button>
            )}
            <span class="space" />
            <button type="button" disabled={busy !== '' || !dirty} onClick={() => edit(pretty(base.policy))}>
              Discard
            </button>
            <button
              type="button"
              disabled={busy !== '' || !valid || !dirty}
              onClick={() => typeof draft !== 'string' && void run('validate', async () => setChecked(await write(draft, base.etag, true)))}
            >
              {busy === 'validate' ? 'Validating…' : 'Validate'}
            </button>
            <button type="button" class="primary" disabled={busy !== '' || !valid || !dirty} onClick={() => typeof draft !== 'string' && void save(draft, base.etag)}>
              {busy === 'save' ? 'Saving…' : 'Save'}
            </button>
          </footer>
          {problem !== undefined && <Problem error={problem} />}
          {checked !== undefined && <ImpactReport result={checked} />}
        </Panel>
      </div>
      {saved > 0 && <SavedRollout revision={saved} />}
      {theirs !== undefined && typeof draft !== 'string' && (
        <MergeDialog
          base={base.policy}
          mine={draft}
          theirs={theirs.policy}
          busy={busy !== ''}
          onCancel={() => setTheirs(undefined)}
          onTake={() => {
            setBase(theirs);
            edit(pretty(theirs.policy));
            setTheirs(undefined);
          }}
          onSave={(policy) => void save(policy, theirs.etag)}
        />
      )}
      {removing && (
        <Dialog title={`Delete ${name}?`} onClose={() => setRemoving(false)}>
          <p>Requests that it matches get the next policy that does.</p>
          <footer>
            <button type="button" onClick={() => setRemoving(false)}>
              Cancel
            </button>
            <button type="button" class="danger" onClick={() => void remove()}>
              Delete
            </button>
          </footer>
        </Dialog>
      )}
    </>
  );
}

function SavedRollout(props: { revision: number }) {
  const rollout = useLive<Rollout>(async (c, s) => (await c.get<Rollout>(`/rollouts/${props.revision}`, {}, s)).body, 1000, String(props.revision));
  return (
    <Panel title={`Saved as revision ${props.revision}`} note={<a href={link('rollouts', String(props.revision))}>open</a>}>
      <Shown live={rollout} what="rollouts">
        {(data) => <RolloutView rollout={data} />}
      </Shown>
    </Panel>
  );
}
