import { useMemo, useState } from 'preact/hooks';
import { inline } from '../logic/format';
import { type JsonObject, pretty } from '../logic/json';
import { type Conflict, type Side, compare, merged } from '../logic/merge';
import { Changes } from '../ui/changes';
import { Choice, Dialog } from '../ui/parts';

const SIDES = [
  ['mine', 'Mine'],
  ['theirs', 'Theirs'],
] as const;

/** Two have written: mine, theirs, or both together. */
export function MergeDialog(props: {
  base: JsonObject;
  mine: JsonObject;
  theirs: JsonObject;
  busy: boolean;
  onCancel: () => void;
  onTake: () => void;
  onSave: (policy: JsonObject) => void;
}) {
  const merge = useMemo(() => compare(props.base, props.mine, props.theirs), [props.base, props.mine, props.theirs]);
  const [choices, setChoices] = useState<ReadonlyMap<string, Side>>(new Map());
  const both = merged(props.theirs, merge, choices);
  const open = merge.conflicts.filter((conflict) => !choices.has(conflict.path.join('.'))).length;
  return (
    <Dialog title="Somebody else has changed this policy" wide onClose={props.onCancel}>
      <p>It was written after you had opened it. Nothing of yours is lost, and nothing of theirs is overwritten unseen.</p>
      <div class="columns tight">
        <section>
          <h3>Only you changed</h3>
          <Changes changes={merge.mine} />
        </section>
        <section>
          <h3>Only they changed</h3>
          <Changes changes={merge.theirs} />
        </section>
      </div>
      {merge.conflicts.length > 0 && (
        <section>
          <h3>Both changed</h3>
          {merge.conflicts.map((conflict) => (
            <Question
              key={conflict.path.join('.')}
              conflict={conflict}
              side={choices.get(conflict.path.join('.'))}
              onChoose={(side) => setChoices(new Map([...choices, [conflict.path.join('.'), side]]))}
            />
          ))}
        </section>
      )}
      <details>
        <summary>Merged</summary>
        <pre class="text">{pretty(both)}</pre>
      </details>
      <footer>
        <button type="button" onClick={props.onCancel}>
          Back to editing
        </button>
        <span class="space" />
        <button type="button" disabled={props.busy} onClick={props.onTake}>
          Take theirs
        </button>
        <button type="button" disabled={props.busy} onClick={() => props.onSave(props.mine)}>
          Keep mine
        </button>
        <button type="button" class="primary" disabled={props.busy || open > 0} onClick={() => props.onSave(both)}>
          {open > 0 ? `Choose ${open} more` : 'Save merged'}
        </button>
      </footer>
    </Dialog>
  );
}

function Question(props: { conflict: Conflict; side: Side | undefined; onChoose: (side: Side) => void }) {
  const { conflict } = props;
  const shown = (value: unknown): string => (value === undefined ? 'removed' : inline(value));
  return (
    <div class="conflict">
      <code>{conflict.path.join('.')}</code>
      <dl>
        <dt>was</dt>
        <dd>{conflict.base === undefined ? 'not set' : inline(conflict.base)}</dd>
        <dt>mine</dt>
        <dd>{shown(conflict.mine)}</dd>
        <dt>theirs</dt>
        <dd>{shown(conflict.theirs)}</dd>
      </dl>
      <Choice label={`${conflict.path.join('.')}: which`} value={props.side ?? ('' as Side)} options={SIDES} onChange={props.onChoose} />
    </div>
  );
}
