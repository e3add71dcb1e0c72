export interface Point {
  x: number;
  y: number;
}

/** Where `n` cards go on an area, the first one at its left (or at its top, where it is narrow). */
export function places(n: number, width: number, height: number, card: { width: number; height: number }): Point[] {
  const middle = { x: width / 2, y: height / 2 };
  if (n <= 1) {
    return n === 1 ? [middle] : [];
  }
  const first = width < 520 ? -Math.PI / 2 : Math.PI;
  const circle = Array.from({ length: n }, (_, i) => {
    const angle = first + (i * 2 * Math.PI) / n;
    return { x: Math.cos(angle), y: Math.sin(angle) };
  });
  const x = spread(circle.map((point) => point.x), width, card.width);
  const y = spread(circle.map((point) => point.y), height, card.height);
  return circle.map((_, i) => ({ x: x[i] ?? middle.x, y: y[i] ?? middle.y }));
}

/** Over all the room that there is; in its middle if they are all the same. */
function spread(values: number[], room: number, size: number): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = size / 2 + 4;
  return values.map((value) => (most - least < 1e-9 ? room / 2 : margin + ((value - least) / (most - least)) * (room - 2 * margin)));
}

/** Where the line from a card's middle to another point leaves the card, and a little further. */
export function edge(from: Point, to: Point, card: { width: number; height: number }, gap: number): Point {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  if (length === 0) {
    return from;
  }
  const across = Math.min(
    dx === 0 ? Infinity : card.width / 2 / Math.abs(dx),
    dy === 0 ? Infinity : card.height / 2 / Math.abs(dy),
  );
  const part = Math.min(1, across + gap / length);
  return { x: from.x + dx * part, y: from.y + dy * part };
}

/** The same line, moved to its left by some pixels: two directions do not cover each other. */
export function aside(from: Point, to: Point, by: number): [Point, Point] {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const [x, y] = [(-dy / length) * by, (dx / length) * by];
  return [
    { x: from.x + x, y: from.y + y },
    { x: to.x + x, y: to.y + y },
  ];
}
