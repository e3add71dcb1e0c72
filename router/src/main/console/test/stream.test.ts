import { describe, expect, it } from 'vitest';
import { ApiError, Client } from '../src/api/client';
import { EventReader, type ServerEvent } from '../src/logic/sse';

const TEXT = ': hello\n\nevent: decision\ndata: {"a":1}\n\ndata: one\ndata: two\n\nevent: empty\n\nevent: decision\r\ndata:{"a":2}\r\n\r\n';
const EVENTS: ServerEvent[] = [
  { name: 'decision', data: '{"a":1}' },
  { name: 'message', data: 'one\ntwo' },
  { name: 'decision', data: '{"a":2}' },
];

describe('server-sent events', () => {
  it('reads the same however the stream is cut', () => {
    for (let first = 0; first <= TEXT.length; first++) {
      for (let second = first; second <= TEXT.length; second += 3) {
        const read: ServerEvent[] = [];
        const reader = new EventReader((event) => read.push(event));
        [TEXT.slice(0, first), TEXT.slice(first, second), TEXT.slice(second)].forEach((piece) => reader.read(piece));
        expect(read).toEqual(EVENTS);
      }
    }
  });

  it('gives up on an event without an end', () => {
    const reader = new EventReader(() => {}, 100);
    expect(() => reader.read(`data: ${'x'.repeat(200)}`)).toThrow('too long');
  });
});

describe('client', () => {
  const answering = (status: number, body: string, headers: Record<string, string> = {}): { client: Client; calls: Request[]; refused: number[] } => {
    const calls: Request[] = [];
    const refused: number[] = [];
    const send: typeof fetch = (input, init) => {
      calls.push(new Request(new URL(String(input), 'http://router'), init));
      return Promise.resolve(new Response(body, { status, headers }));
    };
    return { client: new Client('secret', () => refused.push(1), '/admin/v1', send), calls, refused };
  };

  it('shows the key to the router, and leaves empty filters out', async () => {
    const { client, calls } = answering(200, '{"x":1}', { ETag: '"e1"', 'X-Config-Copy': 'last-good' });
    expect(await client.get('/decisions', { model: 'm/1', tenant: '', page: undefined })).toEqual({ body: { x: 1 }, etag: '"e1"', copy: 'last-good' });
    expect(calls[0]?.url).toBe('http://router/admin/v1/decisions?model=m%2F1');
    expect(calls[0]?.headers.get('Authorization')).toBe('Bearer secret');
  });

  it('tells a problem as the router does', async () => {
    const { client, refused } = answering(412, '{"code":"etag-mismatch","detail":"Changed.","errors":[]}', { ETag: '"e2"' });
    const failed = await client.call('PUT', '/policies/p', { body: {} }).catch((e: unknown) => e);
    expect(failed).toMatchObject({ status: 412, code: 'etag-mismatch', message: 'Changed.', etag: '"e2"' });
    expect(refused).toEqual([]);
  });

  it('says when the key opens nothing', async () => {
    const { client, refused } = answering(401, '{"code":"unauthorized","detail":"No."}');
    await expect(client.get('/status')).rejects.toBeInstanceOf(ApiError);
    expect(refused).toEqual([1]);
  });

  it('tells a router that is gone from one that refuses', async () => {
    const client = new Client('k', undefined, '', () => Promise.reject(new TypeError('fetch failed')));
    await expect(client.get('/status')).rejects.toMatchObject({ status: 0, code: 'no-answer' });
  });

  it('follows a stream to its end', async () => {
    const { client } = answering(200, TEXT);
    const read: ServerEvent[] = [];
    let opened = 0;
    await client.events('/decisions:tail', {}, new AbortController().signal, () => opened++, (event) => read.push(event));
    expect(opened).toBe(1);
    expect(read).toEqual(EVENTS);
  });
});
