import { type Json, type JsonObject, isObject, same } from './json';

/** One difference; `from` is missing for something new, `to` for something gone. */
export interface Change {
  path: string[];
  from?: Json;
  to?: Json;
}

/** What leads from one to the other, field by field; lists are compared whole. */
export function diff(from: JsonObject, to: JsonObject, above: string[] = []): Change[] {
  const changes: Change[] = [];
  for (const name of [...new Set([...Object.keys(from), ...Object.keys(to)])].sort()) {
    const path = [...above, name];
    const [a, b] = [from[name], to[name]];
    if (isObject(a) && isObject(b)) {
      changes.push(...diff(a, b, path));
    } else if (!same(a, b)) {
      changes.push({ path, ...(a === undefined ? {} : { from: a }), ...(b === undefined ? {} : { to: b }) });
    }
  }
  return changes;
}
