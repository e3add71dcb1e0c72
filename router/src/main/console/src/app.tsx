import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { Client } from './api/client';
import type { Status } from './api/types';
import { useLive, useRoute } from './state/live';
import { ClientContext, type Theme, session, theme } from './state/session';
import { Audit } from './pages/audit';
import { Cache } from './pages/cache';
import { Decisions } from './pages/decisions';
import { Login } from './pages/login';
import { Overview } from './pages/overview';
import { Policies } from './pages/policies';
import { Replicas } from './pages/replicas';
import { RolloutPage } from './pages/rollout';
import { Choice, Empty } from './ui/parts';

const PAGES = [
  ['overview', 'Overview'],
  ['cache', 'Cache'],
  ['replicas', 'Replicas'],
  ['decisions', 'Decisions'],
  ['policies', 'Policies'],
  ['audit', 'Audit'],
] as const;

const THEMES = [
  ['system', 'Auto'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const;

export function App() {
  const [key, setKey] = useState(session.key);
  const [refused, setRefused] = useState(false);
  const out = useCallback((wasRefused: boolean) => {
    session.end();
    setRefused(wasRefused);
    setKey('');
  }, []);
  const client = useMemo(() => new Client(key, () => out(true)), [key, out]);
  if (key === '') {
    return (
      <Login
        refused={refused}
        onKey={(next) => {
          session.begin(next);
          setRefused(false);
          setKey(next);
        }}
      />
    );
  }
  return (
    <ClientContext.Provider value={client}>
      <Frame onLeave={() => out(false)} />
    </ClientContext.Provider>
  );
}

function Frame(props: { onLeave: () => void }) {
  const [page = 'overview', id] = useRoute();
  const [chosen, setChosen] = useState<Theme>(theme.chosen);
  const status = useLive<Status>(async (c, s) => (await c.get<Status>('/status', {}, s)).body, 5000);
  const current = page === 'rollouts' ? 'policies' : page;
  const title = PAGES.find(([name]) => name === current)?.[1] ?? 'Not found';
  const place = `${page}/${id ?? ''}`;
  useEffect(() => {
    document.title = `${title} – KVLane`;
    scrollTo(0, 0);
  }, [place, title]);
  return (
    <>
      <a class="skip" href="#content" onClick={(e) => (e.preventDefault(), document.getElementById('content')?.focus())}>
        Skip to content
      </a>
      <aside>
        <div class="brand">
          <img src="/console/favicon.svg" width="22" height="22" alt="" />
          KVLane
          <span class="where" data-lost={status.error !== undefined}>
            {status.error !== undefined ? 'no answer' : (status.data?.region ?? '')}
          </span>
        </div>
        <nav aria-label="Pages">
          {PAGES.map(([name, text]) => (
            <a key={name} href={`#/${name}`} aria-current={name === current ? 'page' : undefined}>
              {text}
            </a>
          ))}
        </nav>
        <div class="corner">
          <Choice
            label="Theme"
            value={chosen}
            options={THEMES}
            onChange={(next) => {
              theme.choose(next);
              setChosen(next);
            }}
          />
          <button type="button" class="quiet" onClick={props.onLeave}>
            Log out
          </button>
        </div>
      </aside>
      <main id="content" tabIndex={-1}>
        <Page key={page} page={page} id={id} />
      </main>
    </>
  );
}

function Page(props: { page: string; id: string | undefined }) {
  switch (props.page) {
    case 'overview':
      return <Overview />;
    case 'cache':
      return <Cache />;
    case 'replicas':
      return <Replicas />;
    case 'decisions':
      return <Decisions id={props.id} />;
    case 'policies':
      return <Policies id={props.id} />;
    case 'rollouts':
      return <RolloutPage key={props.id} revision={props.id ?? '1'} />;
    case 'audit':
      return <Audit />;
    default:
      return (
        <Empty title="There is no such page">
          <a href="#/overview">Overview</a>
        </Empty>
      );
  }
}
