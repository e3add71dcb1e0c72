import { useState } from 'preact/hooks';
import { ApiError, Client } from '../api/client';

/** Asks for an API key once. */
export function Login(props: { refused: boolean; onKey: (key: string) => void }) {
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(props.refused ? 'The key opens nothing any more.' : '');
  const enter = async (): Promise<void> => {
    setBusy(true);
    setWrong('');
    try {
      await new Client(key.trim()).get('/status');
      props.onKey(key.trim());
    } catch (e) {
      setWrong(e instanceof ApiError && e.status === 401 ? 'This key is not known here.' : e instanceof Error ? e.message : String(e));
      setBusy(false);
    }
  };
  return (
    <main class="login">
      <form
        onSubmit={(e) => {
          e.preventDefault();
          void enter();
        }}
      >
        <h1>
          <img src="/console/favicon.svg" width="28" height="28" alt="" /> KVLane
        </h1>
        <label class="field">
          API key
          <input
            type="password"
            name="key"
            autocomplete="off"
            autofocus
            required
            value={key}
            aria-describedby="key-help"
            aria-invalid={wrong !== ''}
            onInput={(e) => setKey(e.currentTarget.value)}
          />
        </label>
        <p id="key-help" class="faint">
          Kept in this tab until it is closed.
        </p>
        {wrong !== '' && (
          <p class="bad-text" role="alert">
            {wrong}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy || key.trim() === ''}>
          {busy ? 'One moment…' : 'Enter'}
        </button>
      </form>
    </main>
  );
}
