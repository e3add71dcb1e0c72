import type { FieldError } from './types';
import { EventReader, type ServerEvent } from '../logic/sse';

/** A refusal of the admin API (RFC 9457), or `status` 0 if no router answered. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly errors: FieldError[] = [],
    readonly etag = '',
  ) {
    super(detail);
  }
}

export interface Answer<T> {
  body: T;
  etag: string;
  /** `last-good` if it comes from what a router had kept, as the store is out of reach. */
  copy: string;
}

export type Query = Record<string, string | number | undefined>;

export interface Sent {
  body?: unknown;
  type?: string;
  headers?: Record<string, string>;
  query?: Query;
  signal?: AbortSignal;
}

/** Speaks with the router that served the page. */
export class Client {
  /** @param refused told when the key opens nothing (any more) */
  constructor(
    private readonly key: string,
    private readonly refused: () => void = () => {},
    private readonly base = '/admin/v1',
    private readonly send: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer<T>> {
    return this.call<T>('GET', path, { query, ...(signal ? { signal } : {}) });
  }

  async call<T>(method: string, path: string, sent: Sent = {}): Promise<Answer<T>> {
    const response = await this.ask(method, path, sent, 'application/json');
    const body = (await this.json(response)) as T;
    return {
      body,
      etag: response.headers.get('ETag') ?? '',
      copy: response.headers.get('X-Config-Copy') ?? '',
    };
  }

  /** Reads events until the stream ends, or until the signal says so. EventSource cannot send a key. */
  async events(path: string, query: Query, signal: AbortSignal, opened: () => void, emit: (event: ServerEvent) => void): Promise<void> {
    const response = await this.ask('GET', path, { query, signal }, 'text/event-stream');
    if (response.body === null) {
      throw new ApiError(0, 'no-stream', 'The answer has no body.');
    }
    opened();
    const reader = new EventReader(emit);
    const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await pieces.read();
      if (done) {
        return;
      }
      reader.read(value);
    }
  }

  private async ask(method: string, path: string, sent: Sent, accept: string): Promise<Response> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(sent.query ?? {})) {
      if (value !== undefined && value !== '') {
        query.set(name, String(value));
      }
    }
    const headers: Record<string, string> = { Authorization: `Bearer ${this.key}`, Accept: accept, ...sent.headers };
    if (sent.body !== undefined) {
      headers['Content-Type'] = sent.type ?? 'application/json';
    }
    let response: Response;
    try {
      response = await this.send(this.base + path + (query.size > 0 ? `?${query}` : ''), {
        method,
        headers,
        cache: 'no-store',
        ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
        ...(sent.signal ? { signal: sent.signal } : {}),
      });
    } catch (e) {
      if (sent.signal?.aborted) {
        throw e;
      }
      throw new ApiError(0, 'no-answer', 'The router does not answer.');
    }
    if (!response.ok) {
      throw await this.problem(response);
    }
    return response;
  }

  private async json(response: Response): Promise<unknown> {
    try {
      return await response.json();
    } catch {
      throw new ApiError(response.status, 'bad-answer', 'The answer is not JSON.');
    }
  }

  private async problem(response: Response): Promise<ApiError> {
    if (response.status === 401) {
      this.refused();
    }
    const etag = response.headers.get('ETag') ?? '';
    try {
      const problem = (await response.json()) as { code?: string; detail?: string; title?: string; errors?: FieldError[] };
      const detail = problem.detail ?? problem.title ?? `Status ${response.status}`;
      return new ApiError(response.status, problem.code ?? '', detail, problem.errors ?? [], etag);
    } catch {
      return new ApiError(response.status, '', `The router answered ${response.status}.`, [], etag);
    }
  }
}
