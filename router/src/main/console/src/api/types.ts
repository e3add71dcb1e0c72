import type { JsonObject } from '../logic/json';

/** What the admin API answers; see openapi.yaml. */

export interface FieldError {
  path: string;
  message: string;
}

export interface DiffEntry {
  op: 'add' | 'remove' | 'replace';
  path: string;
  from?: unknown;
  to?: unknown;
}

export type Policy = JsonObject & { id: string; priority: number; consistency: string };

export interface Simulated {
  hitRatio: number;
  ttftP50Ms?: number;
  ttftP95Ms?: number;
  crossRegionShare: number;
  failed: number;
}

export interface Impact {
  since: string;
  requests: number;
  routers: string[];
  silentRouters: string[];
  undecided: number;
  affected: number;
  refusedBefore: number;
  refusedAfter: number;
  newlyRefused: number;
  newlyServed: number;
  models: { model: string; requests: number; routedDifferently: number; before: Simulated; after: Simulated }[];
  simulation: string;
}

export interface WriteResult {
  revision: number;
  resources: JsonObject[];
  diff: DiffEntry[];
  impact?: Impact;
}

export interface Revision {
  revision: number;
  parent: number;
  author: string;
  createdAt: string;
  description: string;
  etag: string;
}

export interface Arm {
  requests: number;
  errorRate: number;
  ttftP95Ms: number;
  hitRatio: number;
}

export type Phase = 'PENDING' | 'LIVE' | 'REFUSED' | 'CANARY' | 'ROLLED_BACK';

export interface Rollout {
  revision: number;
  state: Phase;
  millis: number;
  reason?: string;
  canary?: { percent: number; regions: string[]; holdSeconds: number; promote: string; base: number };
  arms?: { canary: Arm; base: Arm };
  regions: {
    region: string;
    state: Phase;
    reachable: boolean;
    routers: { router: string; state: 'PENDING' | 'ACK' | 'NACK'; serves: number; reason: string }[];
  }[];
}

export interface Service {
  action: 'none' | 'drain' | 'evacuate' | 'resume';
  since?: string;
  share: number;
}

export interface Replica {
  id: string;
  url: string;
  models: string[];
  healthy: boolean;
  requests: number;
  service: Service;
}

export interface Region {
  id: string;
  local: boolean;
  reachable: boolean;
  roundTripMs: number;
  service: Service;
}

export interface Status {
  region: string;
  revision: number;
  refusedRevision: number;
  configAgeSeconds: number;
  problem: string;
}

export interface AuditLine {
  seq: number;
  hash: string;
  entry: {
    at?: string;
    actor?: string;
    action?: string;
    outcome?: string;
    revision?: number;
    etag?: string;
    ifMatch?: string;
    traceId?: string;
    diff?: DiffEntry[];
  };
}

export interface AuditReport {
  entries: number;
  head: string;
  problem: string;
}

export interface CacheGroup {
  key: string;
  requests: number;
  errors: number;
  promptTokens: number;
  predictedTokens: number;
  reportedTokens: number;
  hitRatioPredicted: number;
  hitRatioReported: number;
  reusableTokens: number;
  selectedTokens: number;
  deliveredTokens: number;
  lost: Record<string, number>;
  ttftColdP50Ms?: number;
  ttftColdP95Ms?: number;
  ttftWarmP50Ms?: number;
  ttftWarmP95Ms?: number;
  savedTokens: number;
  savedMicroUsd: number;
  decisions: Record<string, number>;
}

export interface CacheSummary {
  from: string;
  to: string;
  routers: string[];
  missing: string[];
  groups: CacheGroup[];
}

export interface CachePoint {
  at: string;
  requests: number;
  promptTokens: number;
  reportedTokens: number;
  predictedTokens: number;
  ttftP50Ms?: number;
  ttftP95Ms?: number;
  savedTokens: number;
  savedMicroUsd: number;
}

export interface CacheSeries {
  from: string;
  to: string;
  stepSeconds: number;
  series: { key: string; points: CachePoint[] }[];
}

export interface CacheReplica {
  id: string;
  region: string;
  model: string;
  fillRatio?: number;
  tokens?: number;
  capacityTokens?: number;
  blocks?: number;
  epoch?: number;
  evictedBlocks?: number;
  hitRatioReported?: number;
  requestsInFlight?: number;
  waitingMs?: number;
  healthy: boolean;
}

export interface CachePrefixes {
  prefixes: {
    prefix: string;
    model: string;
    tenant: string;
    depthTokens: number;
    requests: number;
    savedTokens: number;
    replicas: number;
  }[];
  duplicateShare?: number;
}

export interface CacheAdvice {
  since: string;
  requests: number;
  simulation: string;
  models: { model: string; requests: number; asIs: Simulated; oneMoreReplica: Simulated; twiceTheCache?: Simulated }[];
}

export interface CacheRegion {
  region: string;
  own: boolean;
  reachable: boolean;
  hitRatioReported?: number;
  requests?: number;
  roundTripMs?: number;
  digestAgeSeconds?: number;
  healthyReplicas?: number;
}

export interface CacheRegions {
  regions: CacheRegion[];
  flows: { from: string; to: string; requests: number; tokens: number }[];
}

export interface Candidate {
  replica: string;
  region: string;
  cachedTokens: number;
  inFlight: number;
  waitingMs: number;
  roundTripMs: number;
  prefillMs: number;
  sharedMs: number;
  costMs: number;
  evictionMs: number;
  crowding: number;
  priceMs: number;
  home: boolean;
  overloaded: boolean;
  healthy: boolean;
  winner: boolean;
  refused?: string;
}

export interface Decision {
  requestId: string;
  traceId: string;
  region: string;
  router: string;
  number: number;
  arrivedAt: string;
  model: string;
  tenant: string;
  path: string;
  forwarded: boolean;
  policy: { id: string; revision: number; consistency: string };
  decision: string;
  reason: string;
  state: 'open' | 'answered' | 'failed' | 'refused' | 'left';
  status: number;
  error: string;
  tokens: {
    promptEstimated?: number;
    prompt?: number;
    cachedPredicted?: number;
    cachedReported?: number;
    output?: number;
  };
  servedBy: { region?: string; replica?: string };
  candidates: Candidate[];
  candidatesLeftOut?: number;
  regions: {
    region: string;
    cachedTokens: number;
    roundTripMs: number;
    waitingMs: number;
    costMs: number;
    chosen: boolean;
    refused?: string;
  }[];
  refused: { region: string; replica: string; why: string }[];
  attempts: { region: string; replica: string; hop: boolean; outcome: string; fromMs: number; ms?: number }[];
  timelineMs: Record<string, number>;
}

export interface DecisionList {
  decisions: Decision[];
  nextPageToken: string;
  partial: boolean;
  silentRouters: string[];
}

export interface DecisionFound {
  requestId: string;
  decisions: Decision[];
  partial: boolean;
  silentRouters: string[];
  askRegions: string[];
}
