/** A part of a request's life; milliseconds from its arrival. */
export interface Span {
  label: string;
  from: number;
  to: number;
  kind: 'stage' | 'attempt';
}

const STAGES: [mark: string, label: string][] = [
  ['body', 'Receive body'],
  ['scanned', 'Read features'],
  ['admitted', 'Admission'],
  ['decided', 'Decision'],
  ['dispatched', 'Send'],
  ['firstByte', 'Wait for first byte'],
  ['complete', 'Answer'],
];

/** The stages between a request's marks, in their order; marks that are missing are left out. */
export function stages(marks: Record<string, number>): Span[] {
  const known = new Map(STAGES);
  const order = Object.entries(marks).sort((a, b) => a[1] - b[1] || rank(a[0]) - rank(b[0]));
  let from = 0;
  return order.map(([mark, at]) => {
    const span: Span = { label: known.get(mark) ?? mark, from, to: at, kind: 'stage' };
    from = at;
    return span;
  });
}

function rank(mark: string): number {
  const place = STAGES.findIndex(([name]) => name === mark);
  return place < 0 ? STAGES.length : place;
}
