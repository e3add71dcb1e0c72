import { describe, expect, it } from 'vitest';
import type { CacheGroup } from '../src/api/types';
import { edge, places } from '../src/logic/layout';
import { waterfall } from '../src/logic/waterfall';

const GROUP = {
  promptTokens: 1000,
  reusableTokens: 700,
  selectedTokens: 550,
  deliveredTokens: 500,
  lost: { workload: 300, load: 100, policy: 30, residency: 20, falseHits: 50 },
} as unknown as CacheGroup;

describe('waterfall', () => {
  it('leads from all prompt tokens to those delivered without a gap', () => {
    const steps = waterfall(GROUP);
    expect(steps.map((s) => [s.label, s.from, s.to])).toEqual([
      ['Prompts', 0, 1000],
      ['Workload', 1000, 700],
      ['Reusable', 0, 700],
      ['Load', 700, 600],
      ['Policy', 600, 570],
      ['Residency', 570, 550],
      ['Selected', 0, 550],
      ['False hits', 550, 500],
      ['Delivered', 0, 500],
    ]);
  });

  it('shows what nobody explains, and what came unforeseen', () => {
    const labels = waterfall({ ...GROUP, deliveredTokens: 600, lost: { load: 100 } }).map((s) => s.label);
    expect(labels).toContain('Other');
    expect(labels).toContain('Unforeseen');
  });

  it('never lets causes take more than was lost', () => {
    for (const step of waterfall({ ...GROUP, lost: { load: 9999, falseHits: 9999 } })) {
      expect(step.to).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('the picture of regions', () => {
  const card = { width: 132, height: 84 };

  it.each([
    [400 - 48, 400],
    [800, 330],
  ])('keeps up to six cards on %d x %d', (width, height) => {
    for (let n = 1; n <= 6; n++) {
      for (const point of places(n, width, height, card)) {
        expect(point.x - card.width / 2).toBeGreaterThanOrEqual(0);
        expect(point.x + card.width / 2).toBeLessThanOrEqual(width);
        expect(point.y - card.height / 2).toBeGreaterThanOrEqual(0);
        expect(point.y + card.height / 2).toBeLessThanOrEqual(height);
      }
    }
  });

  it('draws lines from the edges of cards', () => {
    expect(edge({ x: 0, y: 0 }, { x: 500, y: 0 }, card, 0)).toEqual({ x: 66, y: 0 });
  });
});
