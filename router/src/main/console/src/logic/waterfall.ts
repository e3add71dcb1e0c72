import type { CacheGroup } from '../api/types';

/** A bar of the way from all prompt tokens to those that the cache delivered; figures are tokens. */
export interface Step {
  label: string;
  why: string;
  from: number;
  to: number;
  kind: 'total' | 'loss' | 'gain';
}

const LOSSES: Record<string, [label: string, why: string]> = {
  load: ['Load', 'The warm replica was too busy: a colder one was chosen'],
  policy: ['Policy', 'A policy does not let the request go where the cache is'],
  residency: ['Residency', 'The prompt may not leave its regions'],
  distance: ['Distance', 'The way to the warm region costs more than the prefill'],
  health: ['Health', 'The warm replica was unhealthy or drained'],
};

const ERRORS: Record<string, [label: string, why: string]> = {
  indexError: ['Index error', 'The map said cached; the engine had evicted it'],
  falseHits: ['False hits', 'The map said cached; the engine had evicted it'],
};

/**
 * Prompt -> reusable -> selected -> delivered, each loss under its cause. What delivered is above
 * what was selected was in the engine's cache, but not in the map.
 */
export function waterfall(group: CacheGroup): Step[] {
  const steps: Step[] = [];
  const total = (label: string, why: string, tokens: number): void => {
    steps.push({ label, why, from: 0, to: tokens, kind: 'total' });
  };
  const lost = (causes: Record<string, [string, string]>, begin: number, end: number, rest: [string, string]): void => {
    let left = begin;
    for (const [name, [label, why]] of Object.entries(causes)) {
      const tokens = Math.min(group.lost[name] ?? 0, left - Math.min(end, left));
      if (tokens > 0) {
        steps.push({ label, why, from: left, to: left - tokens, kind: 'loss' });
        left -= tokens;
      }
    }
    if (left > end) {
      steps.push({ label: rest[0], why: rest[1], from: left, to: end, kind: 'loss' });
    } else if (left < end) {
      steps.push({ label: 'Unforeseen', why: 'Cached at the engine, but missing in the map', from: left, to: end, kind: 'gain' });
    }
  };
  total('Prompts', 'All prompt tokens', group.promptTokens);
  lost({}, group.promptTokens, Math.min(group.reusableTokens, group.promptTokens), ['Workload', 'Never seen before: no cache could hold it']);
  total('Reusable', 'The best match on any replica of any region', group.reusableTokens);
  lost(LOSSES, group.reusableTokens, group.selectedTokens, ['Other', 'Not explained']);
  total('Selected', 'The match of the replica that was chosen', group.selectedTokens);
  lost(ERRORS, group.selectedTokens, group.deliveredTokens, ['Stale map', 'The map said cached; the engine had evicted it']);
  total('Delivered', "What the engines' usage reports as cached", group.deliveredTokens);
  return steps;
}
