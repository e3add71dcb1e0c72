import { describe, expect, it } from 'vitest';
import { diff } from '../src/logic/diff';
import { ago, count, millis, money, percent } from '../src/logic/format';
import { type JsonObject, same, withAt } from '../src/logic/json';
import { compare, merged } from '../src/logic/merge';
import { parsed } from '../src/logic/policy';
import { stages } from '../src/logic/timeline';

const BASE: JsonObject = { priority: 10, spill: { enabled: true, maxWaitMs: 500 }, regionOrder: ['a', 'b'] };

describe('diff', () => {
  it('names each field that differs, and compares lists whole', () => {
    const next = { priority: 10, spill: { enabled: false, maxWaitMs: 500 }, regionOrder: ['b', 'a'], crossRegion: 'NEVER' };
    expect(diff(BASE, next)).toEqual([
      { path: ['crossRegion'], to: 'NEVER' },
      { path: ['regionOrder'], from: ['a', 'b'], to: ['b', 'a'] },
      { path: ['spill', 'enabled'], from: true, to: false },
    ]);
  });

  it('finds nothing where only the order of fields differs', () => {
    expect(diff(BASE, { regionOrder: ['a', 'b'], spill: { maxWaitMs: 500, enabled: true }, priority: 10 })).toEqual([]);
  });
});

describe('merge', () => {
  it('keeps what only one side changed', () => {
    const merge = compare(BASE, withAt(BASE, ['priority'], 20), withAt(BASE, ['spill', 'maxWaitMs'], 900));
    expect(merge.conflicts).toEqual([]);
    expect(merged(withAt(BASE, ['spill', 'maxWaitMs'], 900), merge, new Map())).toEqual({
      priority: 20,
      spill: { enabled: true, maxWaitMs: 900 },
      regionOrder: ['a', 'b'],
    });
  });

  it('asks where both changed the same field, and does what is chosen', () => {
    const theirs = withAt(BASE, ['priority'], 30);
    const merge = compare(BASE, withAt(BASE, ['priority'], 20), theirs);
    expect(merge.conflicts).toEqual([{ path: ['priority'], base: 10, mine: 20, theirs: 30 }]);
    expect(merged(theirs, merge, new Map([['priority', 'mine']]))['priority']).toBe(20);
    expect(merged(theirs, merge, new Map([['priority', 'theirs']]))['priority']).toBe(30);
  });

  it('does not ask where both have made the same of it', () => {
    const both = withAt(BASE, ['priority'], 20);
    expect(compare(BASE, both, both)).toEqual({ mine: [], theirs: [], conflicts: [] });
  });

  it('asks about the whole where one removed what the other changed inside', () => {
    const theirs = withAt(BASE, ['spill', 'maxWaitMs'], 900);
    const merge = compare(BASE, withAt(BASE, ['spill'], undefined), theirs);
    expect(merge.conflicts.map((c) => c.path)).toEqual([['spill']]);
    expect(merged(theirs, merge, new Map([['spill', 'mine']]))).toEqual({ priority: 10, regionOrder: ['a', 'b'] });
    expect(merged(theirs, merge, new Map([['spill', 'theirs']]))).toEqual(theirs);
  });

  it('is, for any two writers of separate fields, what both would have made one after the other', () => {
    const names = ['a', 'b', 'c', 'd'];
    const base: JsonObject = { o: { a: 1, b: 2 }, c: 3 };
    for (const mine of names) {
      for (const theirs of names.filter((name) => name !== mine)) {
        const path = (name: string): string[] => (name < 'c' ? ['o', name] : [name]);
        const ours = withAt(base, path(mine), 'mine');
        const other = withAt(base, path(theirs), 'theirs');
        expect(same(merged(other, compare(base, ours, other), new Map()), withAt(other, path(mine), 'mine'))).toBe(true);
      }
    }
  });
});

describe('json', () => {
  it('removes objects that a removal leaves empty', () => {
    expect(withAt({ priority: 1, match: { tenant: 'x' } }, ['match', 'tenant'], undefined)).toEqual({ priority: 1 });
  });

  it('does not change what it is given', () => {
    const before = structuredClone(BASE);
    withAt(BASE, ['spill', 'enabled'], false);
    expect(BASE).toEqual(before);
  });

  it('says why a text is no policy', () => {
    expect(parsed('{"priority":1}')).toEqual({ priority: 1 });
    expect(parsed('[1]')).toBe('A policy is a JSON object.');
    expect(typeof parsed('{')).toBe('string');
  });
});

describe('format', () => {
  it.each([
    [0, '0'],
    [950, '950'],
    [999.9, '1.00k'],
    [12_345, '12.3k'],
    [4_560_000, '4.56M'],
    [999_900_000, '1.00G'],
  ])('count of %d is %s', (value, text) => expect(count(value)).toBe(text));

  it.each([
    [undefined, '–'],
    [Number.NaN, '–'],
    [0, '0 %'],
    [0.0123, '1.2 %'],
    [0.996, '100 %'],
  ])('percent of %s is %s', (value, text) => expect(percent(value)).toBe(text));

  it.each([
    [-1, '–'],
    [0.5, '0.50 ms'],
    [42.44, '42.4 ms'],
    [1234, '1234 ms'],
    [12_340, '12.3 s'],
  ])('millis of %d is %s', (value, text) => expect(millis(value)).toBe(text));

  it('shows small money too', () => {
    expect([money(0), money(1_250_000), money(420), money(25_000_000_000)]).toEqual(['$0.00', '$1.25', '$0.0004', '$25.0k']);
  });

  it('tells ages in words', () => {
    expect([0, 30_000, 600_000, 7_200_000, 400_000_000].map((age) => ago(0, age))).toEqual(['now', '30 s ago', '10 min ago', '2 h ago', '5 d ago']);
  });
});

describe('timeline', () => {
  it('orders stages by when they ended, each from the end of the one before', () => {
    expect(stages({ firstByte: 80, body: 1, decided: 3, complete: 200 })).toEqual([
      { label: 'Receive body', from: 0, to: 1, kind: 'stage' },
      { label: 'Decision', from: 1, to: 3, kind: 'stage' },
      { label: 'Wait for first byte', from: 3, to: 80, kind: 'stage' },
      { label: 'Answer', from: 80, to: 200, kind: 'stage' },
    ]);
  });
});
