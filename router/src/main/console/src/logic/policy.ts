import { type JsonObject, isObject } from './json';

/** A field of the form beside the text. */
export interface FormField {
  path: string[];
  label: string;
  kind: 'text' | 'number' | 'list' | 'switch' | readonly string[];
  help: string;
  /** What it means to leave it out; the default of the router if not told. */
  unset?: string;
}

export const FIELDS: readonly FormField[] = [
  { path: ['description'], label: 'Description', kind: 'text', help: '', unset: 'none' },
  { path: ['priority'], label: 'Priority', kind: 'number', help: 'The lowest number that matches wins' },
  { path: ['match', 'modelGlob'], label: 'Model', kind: 'text', help: 'As llama-*', unset: 'any' },
  { path: ['match', 'tenant'], label: 'Tenant', kind: 'text', help: '', unset: 'any' },
  { path: ['consistency'], label: 'Mode', kind: ['CP', 'AP'], help: 'CP rather refuses, AP rather serves' },
  { path: ['partition', 'onPartition'], label: 'On a partition', kind: ['REJECT', 'SERVE_LOCAL_SHARE', 'SERVE_STALE'], help: 'AP must say' },
  { path: ['partition', 'maxStalenessMs'], label: 'At most out of date by, ms', kind: 'number', help: 'For SERVE_STALE' },
  { path: ['partition', 'maxOvershoot'], label: 'At most over the quota by', kind: 'number', help: 'For SERVE_LOCAL_SHARE: 0.1 is a tenth' },
  { path: ['crossRegion'], label: 'Other regions', kind: ['NEVER', 'WORTH', 'NEAREST'], help: '' },
  { path: ['residency', 'allowedRegions'], label: 'Allowed regions', kind: 'list', help: 'Separated by commas; no prompt leaves them', unset: 'any' },
  { path: ['spill', 'enabled'], label: 'Spill', kind: 'switch', help: 'To a colder replica when the warm one is busy' },
  { path: ['spill', 'maxWaitMs'], label: 'Spill over a wait of, ms', kind: 'number', help: '' },
  { path: ['failover', 'otherReplicas'], label: 'Failover to replicas', kind: 'switch', help: '' },
  { path: ['failover', 'otherRegions'], label: 'Failover to regions', kind: 'switch', help: '' },
  { path: ['timeLimits', 'firstByteMs'], label: 'First byte within, ms', kind: 'number', help: '' },
  { path: ['retry', 'maxAttempts'], label: 'Attempts', kind: 'number', help: '' },
];

export const NEW_POLICY: JsonObject = { priority: 100, match: { modelGlob: '*' }, consistency: 'CP' };

export const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** The text as an object, or why it is none. */
export function parsed(text: string): JsonObject | string {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value as JsonObject) ? (value as JsonObject) : 'A policy is a JSON object.';
  } catch (e) {
    return e instanceof Error ? e.message : 'This is not JSON.';
  }
}
