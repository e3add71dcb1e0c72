import { render } from 'preact';
import { App } from './app';
import { theme } from './state/session';
import './styles.css';

theme.apply();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => theme.apply());

const root = document.getElementById('app');
if (root !== null) {
  render(<App />, root);
}
