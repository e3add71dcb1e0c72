/** What JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether both say the same; the order of an object's fields says nothing. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) {
    return true;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => same(item, b[i]));
  }
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => name in b && same(a[name], b[name]));
  }
  return false;
}

/** The value at a path of names; undefined if there is none. */
export function at(value: Json | undefined, path: readonly string[]): Json | undefined {
  let found = value;
  for (const name of path) {
    found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

/** A copy with another value at the path; undefined removes it, and objects that it leaves empty. */
export function withAt(value: JsonObject, path: readonly string[], next: Json | undefined): JsonObject {
  const [name, ...rest] = path;
  if (name === undefined) {
    return value;
  }
  const copy = { ...value };
  const inner = copy[name];
  let changed: Json | undefined = next;
  if (rest.length > 0) {
    const nested = withAt(isObject(inner) ? inner : {}, rest, next);
    changed = next === undefined && Object.keys(nested).length === 0 ? undefined : nested;
  }
  if (changed === undefined) {
    delete copy[name];
  } else {
    copy[name] = changed;
  }
  return copy;
}

/** As people read it. */
export function pretty(value: Json): string {
  return JSON.stringify(value, null, 2);
}
