import { type Change, diff } from './diff';
import { type Json, type JsonObject, at, same, withAt } from './json';

/** A field that both have changed, to different values; undefined where it was removed. */
export interface Conflict {
  path: string[];
  base: Json | undefined;
  mine: Json | undefined;
  theirs: Json | undefined;
}

export type Side = 'mine' | 'theirs';

export interface Merge {
  /** What only I have changed. */
  mine: Change[];
  /** What only they have changed. */
  theirs: Change[];
  conflicts: Conflict[];
}

const overlap = (a: string[], b: string[]): boolean =>
  a.slice(0, Math.min(a.length, b.length)).every((name, i) => name === b[i]);

/** What two writers have made of the same thing. */
export function compare(base: JsonObject, mine: JsonObject, theirs: JsonObject): Merge {
  const own = diff(base, mine);
  const foreign = diff(base, theirs);
  const conflicts = new Map<string, Conflict>();
  const settled = new Set<Change>();
  for (const a of own) {
    for (const b of foreign) {
      if (!overlap(a.path, b.path)) {
        continue;
      }
      // Of a whole object that one side removed and the other changed inside, the object is the question.
      const path = a.path.length <= b.path.length ? a.path : b.path;
      settled.add(a).add(b);
      if (!same(at(mine, path), at(theirs, path))) {
        conflicts.set(path.join('\n'), { path, base: at(base, path), mine: at(mine, path), theirs: at(theirs, path) });
      }
    }
  }
  return {
    mine: own.filter((change) => !settled.has(change)),
    theirs: foreign.filter((change) => !settled.has(change)),
    conflicts: [...conflicts.values()],
  };
}

/** Theirs with my changes; conflicts as they were chosen, mine where nothing was. */
export function merged(theirs: JsonObject, merge: Merge, choices: ReadonlyMap<string, Side>): JsonObject {
  let result = theirs;
  for (const change of merge.mine) {
    result = withAt(result, change.path, change.to);
  }
  for (const conflict of merge.conflicts) {
    const side = choices.get(conflict.path.join('.')) ?? 'mine';
    result = withAt(result, conflict.path, side === 'mine' ? conflict.mine : conflict.theirs);
  }
  return result;
}
