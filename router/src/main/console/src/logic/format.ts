const UNITS: [number, string][] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** A count in at most four characters or so: 950, 12.3k, 4.56M. */
export function count(value: number): string {
  for (const [size, unit] of UNITS) {
    if (Math.abs(value) >= size * 0.9995) {
      const scaled = value / size;
      return scaled.toFixed(Math.abs(scaled) >= 99.95 ? 0 : Math.abs(scaled) >= 9.995 ? 1 : 2) + unit;
    }
  }
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

/** A part of one as a percentage; a dash if it is not known. */
export function percent(part: number | undefined): string {
  if (part === undefined || !Number.isFinite(part) || part < 0) {
    return '–';
  }
  const value = part * 100;
  return `${value > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0)} %`;
}

/** A duration given in milliseconds; a dash if it is not known. */
export function millis(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value) || value < 0) {
    return '–';
  }
  if (value === 0) {
    return '0 ms';
  }
  if (value >= 9_995) {
    return `${(value / 1000).toFixed(1)} s`;
  }
  return value >= 99.5 ? `${Math.round(value)} ms` : `${value.toFixed(value < 9.95 ? 2 : 1)} ms`;
}

/** Money given in millionths of a US dollar. */
export function money(microUsd: number): string {
  const dollars = microUsd / 1e6;
  if (dollars !== 0 && Math.abs(dollars) < 0.01) {
    return `$${dollars.toFixed(4)}`;
  }
  return Math.abs(dollars) >= 10_000 ? `$${count(dollars)}` : `$${dollars.toFixed(2)}`;
}

/** How long ago, in words; times are in milliseconds since 1970. */
export function ago(then: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - then) / 1000));
  if (seconds < 2) {
    return 'now';
  }
  if (seconds < 100) {
    return `${seconds} s ago`;
  }
  if (seconds < 6_000) {
    return `${Math.round(seconds / 60)} min ago`;
  }
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86_400)} d ago`;
}

/** A time of day, or with its date if it was not today. */
export function time(text: string, now: Date): string {
  const when = new Date(text);
  if (Number.isNaN(when.getTime())) {
    return text;
  }
  const clock = when.toTimeString().slice(0, 8);
  return when.toDateString() === now.toDateString() ? clock : `${when.toISOString().slice(0, 10)} ${clock}`;
}

/** "1 router", "2 routers". */
export function many(value: number, word: string, plural = `${word}s`): string {
  return `${count(value)} ${value === 1 ? word : plural}`;
}

/** A JSON value on one line; undefined reads as nothing. */
export function inline(value: unknown): string {
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
