import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Client } from '../api/client';

const KEY = 'kvlane.key';
const THEME = 'kvlane.theme';

/** The key is kept as long as the tab, and nowhere else. */
export const session = {
  key: (): string => sessionStorage.getItem(KEY) ?? '',
  begin: (key: string): void => sessionStorage.setItem(KEY, key),
  end: (): void => sessionStorage.removeItem(KEY),
};

export type Theme = 'light' | 'dark' | 'system';

export const theme = {
  chosen(): Theme {
    const kept = localStorage.getItem(THEME);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  },
  choose(next: Theme): void {
    if (next === 'system') {
      localStorage.removeItem(THEME);
    } else {
      localStorage.setItem(THEME, next);
    }
    theme.apply();
  },
  apply(): void {
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const chosen = theme.chosen();
    document.documentElement.dataset['theme'] = chosen === 'system' ? (dark ? 'dark' : 'light') : chosen;
    window.dispatchEvent(new Event('kvlane-theme'));
  },
};

export const ClientContext = createContext<Client | null>(null);

/** Who speaks with the router. */
export function useClient(): Client {
  const client = useContext(ClientContext);
  if (client === null) {
    throw new Error('Nobody has logged in');
  }
  return client;
}
