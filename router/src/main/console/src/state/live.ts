import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, type Client, type Query } from '../api/client';
import type { ServerEvent } from '../logic/sse';
import { useClient } from './session';

/** Something that the router is asked for, again and again. */
export interface Live<T> {
  data: T | undefined;
  /** Why the last try failed; what `data` shows is then older. */
  error: ApiError | undefined;
  /** When `data` was true; 0 for never. */
  at: number;
  reload: () => void;
}

const asProblem = (e: unknown): ApiError =>
  e instanceof ApiError ? e : new ApiError(0, 'broken', e instanceof Error ? e.message : String(e));

/**
 * Loads at once and then every so often while the page is looked at.
 *
 * @param everyMs 0 for only once
 * @param key what it is loaded for: another one begins anew
 */
export function useLive<T>(load: (client: Client, signal: AbortSignal) => Promise<T>, everyMs: number, key = ''): Live<T> {
  const client = useClient();
  const [state, setState] = useState<{ key: string; data?: T; error?: ApiError; at: number }>({ key, at: 0 });
  const latest = useRef(load);
  latest.current = load;
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = async (): Promise<void> => {
      let wait = everyMs;
      try {
        if (!document.hidden || everyMs === 0) {
          const data = await latest.current(client, stop.signal);
          if (!stop.signal.aborted) {
            setState({ key, data, at: Date.now() });
          }
        }
      } catch (e) {
        if (!stop.signal.aborted) {
          const error = asProblem(e);
          setState((before) => ({ ...(before.key === key ? before : { key, at: 0 }), error }));
          // What is not there will hardly come by itself.
          wait = error.status === 404 || error.status === 403 ? Math.max(everyMs, 30_000) : everyMs;
        }
      }
      if (everyMs > 0 && !stop.signal.aborted) {
        timer = setTimeout(() => void next(), wait);
      }
    };
    void next();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [client, everyMs, key, round]);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  const own = state.key === key;
  return { data: own ? state.data : undefined, error: own ? state.error : undefined, at: own ? state.at : 0, reload };
}

export type StreamState = 'opening' | 'live' | 'lost' | 'absent';

/**
 * Follows a stream of events and opens it again when it breaks, each time later, up to ten seconds.
 *
 * @param path empty for no stream
 */
export function useStream(path: string, query: Query, emit: (event: ServerEvent) => void): StreamState {
  const client = useClient();
  const [state, setState] = useState<StreamState>('opening');
  const latest = useRef(emit);
  latest.current = emit;
  const asked = JSON.stringify(query);
  useEffect(() => {
    if (path === '') {
      return undefined;
    }
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wait = 500;
    const open = async (): Promise<void> => {
      let after: StreamState = 'lost';
      try {
        await client.events(
          path,
          JSON.parse(asked) as Query,
          stop.signal,
          () => {
            wait = 500;
            setState('live');
          },
          (event) => latest.current(event),
        );
      } catch (e) {
        after = e instanceof ApiError && [403, 404].includes(e.status) ? 'absent' : 'lost';
      }
      if (!stop.signal.aborted) {
        setState(after);
        timer = setTimeout(() => void open(), after === 'absent' ? 30_000 : wait);
        wait = Math.min(10_000, wait * 2);
      }
    };
    setState('opening');
    void open();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [client, path, asked]);
  return state;
}

/** The time, told again every second: ages on the page grow by themselves. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Where in the console we are: `#/policies/default` is ['policies', 'default']. */
export function useRoute(): string[] {
  const read = (): string[] =>
    location.hash
      .replace(/^#\/?/, '')
      .split('/')
      .filter((part) => part !== '')
      .map(decoded);
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const changed = (): void => setRoute(read());
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return route;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const link = (...parts: string[]): string => `#/${parts.map(encodeURIComponent).join('/')}`;
