import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { ApiError } from '../api/client';
import { ago } from '../logic/format';
import { type Live, useNow } from '../state/live';

export function Panel(props: { title: string; note?: ComponentChildren; class?: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class={`panel ${props.class ?? ''}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.note !== undefined && <div class="note">{props.note}</div>}
      </header>
      {props.children}
    </section>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'plain' | 'info';

export function Badge(props: { tone: Tone; children: ComponentChildren; title?: string }) {
  return (
    <span class={`badge ${props.tone}`} title={props.title}>
      {props.children}
    </span>
  );
}

/** A part of one as a bar with its figure beside it. */
export function Meter(props: { part: number | undefined; text: string; label: string; tone?: Tone }) {
  const part = Math.max(0, Math.min(1, props.part ?? 0));
  return (
    <span class="meter" role="img" aria-label={`${props.label}: ${props.text}`}>
      <span class="track">
        <span class={`fill ${props.tone ?? 'info'}`} style={{ width: `${part * 100}%` }} />
      </span>
      <span class="figure">{props.text}</span>
    </span>
  );
}

export function Figure(props: { label: string; value: string; sub?: ComponentChildren; title?: string }) {
  return (
    <div class="figure-card" title={props.title}>
      <div class="label">{props.label}</div>
      <div class="value">{props.value}</div>
      <div class="sub">{props.sub ?? ' '}</div>
    </div>
  );
}

export function Notice(props: { tone: Tone; title: string; children?: ComponentChildren; action?: ComponentChildren }) {
  return (
    <div class={`notice ${props.tone}`} role={props.tone === 'bad' ? 'alert' : 'status'}>
      <div>
        <strong>{props.title}</strong>
        {props.children !== undefined && <div>{props.children}</div>}
      </div>
      {props.action}
    </div>
  );
}

/** What is wrong, as the router says it. */
export function Problem(props: { error: ApiError; action?: ComponentChildren }) {
  const { error } = props;
  return (
    <Notice tone="bad" title={error.status === 403 ? 'Your key may not do this' : error.message} action={props.action}>
      {error.status === 403 && error.message}
      {error.errors.length > 0 && (
        <ul class="errors">
          {error.errors.map((e) => (
            <li key={e.path + e.message}>
              <code>{e.path}</code> {e.message}
            </li>
          ))}
        </ul>
      )}
      {error.code !== '' && <span class="faint"> {error.status > 0 ? `${error.status} ${error.code}` : error.code}</span>}
    </Notice>
  );
}

export function Empty(props: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{props.title}</strong>
      {props.children !== undefined && <p>{props.children}</p>}
    </div>
  );
}

export function Skeleton(props: { lines?: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: props.lines ?? 4 }, (_, i) => (
        <span key={i} style={{ width: `${92 - ((i * 23) % 48)}%` }} />
      ))}
    </div>
  );
}

/**
 * Shows what is live in each of its states: loading, there, stale, not offered, not allowed, failed.
 */
export function Shown<T>(props: {
  live: Live<T>;
  /** Of what, as in "the decisions". */
  what: string;
  staleAfterMs?: number;
  lines?: number;
  children: (data: T) => ComponentChildren;
}) {
  const { live } = props;
  const now = useNow();
  const again = (
    <button type="button" onClick={live.reload}>
      Try again
    </button>
  );
  if (live.data === undefined) {
    if (live.error === undefined) {
      return <Skeleton lines={props.lines ?? 4} />;
    }
    if (live.error.status === 404) {
      return live.error.code === 'no-policy-store' ? (
        <Empty title="This router has no policy store">
          It serves what its configuration file says. Set <code>policies.directory</code> to keep {props.what}.
        </Empty>
      ) : (
        <Empty title="Not offered by this router">Its version does not answer for {props.what}.</Empty>
      );
    }
    return <Problem error={live.error} action={live.error.status === 403 ? undefined : again} />;
  }
  const stale = live.error !== undefined || (props.staleAfterMs !== undefined && now - live.at > props.staleAfterMs);
  return (
    <>
      {stale && (
        <Notice tone="warn" title={`As of ${ago(live.at, now)}`} action={again}>
          {live.error === undefined ? 'Nothing newer has come.' : live.error.message}
        </Notice>
      )}
      <div class={stale ? 'stale' : undefined}>{props.children(live.data)}</div>
    </>
  );
}

/** A dialog that holds the focus; Escape closes it. */
export function Dialog(props: { title: string; onClose: () => void; wide?: boolean; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={props.wide === true ? 'wide' : undefined}
      aria-labelledby={id}
      onCancel={(e) => {
        e.preventDefault();
        props.onClose();
      }}
    >
      <header>
        <h2 id={id}>{props.title}</h2>
        <button type="button" class="quiet" aria-label="Close" onClick={props.onClose}>
          ✕
        </button>
      </header>
      {props.children}
    </dialog>
  );
}

/** A table that scrolls by itself where it is too wide. */
export function Table(props: { label: string; head: ComponentChildren[]; numbers?: number[]; children: ComponentChildren }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={props.label}>
      <table>
        <thead>
          <tr>
            {props.head.map((cell, i) => (
              <th key={i} scope="col" class={props.numbers?.includes(i) === true ? 'number' : undefined}>
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}

export function Choice<T extends string>(props: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}) {
  return (
    <div class="choice" role="group" aria-label={props.label}>
      {props.options.map(([value, text]) => (
        <button key={value} type="button" aria-pressed={value === props.value} onClick={() => props.onChange(value)}>
          {text}
        </button>
      ))}
    </div>
  );
}
