import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { EgressGuard, parseEgressAllow } from '#lib/egress';
import { startFakeMcp, type FakeMcp } from '../../../test/support/mcp-server.js';
import { McpSession } from './mcp-session.js';
import type { McpWay } from './mcp-fetch.js';

/** Long enough that an answer which came counts as at once, on a busy machine too. */
const LONG = { listMs: 30_000, callMs: 30_000 };
/** To get to a call takes no longer than a busy machine does; the call itself is the server's. */
const SHORT_CALL = { listMs: 30_000, callMs: 250 };
const SHORT_LIST = { listMs: 1_500, callMs: 30_000 };
const ANSWER = { content: [{ type: 'text', text: 'There.' }] };

let mcp: FakeMcp;
let way: McpWay;

beforeAll(async () => {
  mcp = await startFakeMcp();
  const guard = new EgressGuard(parseEgressAllow([`http://127.0.0.1/32:${mcp.port}`]));
  const withSecret: McpWay['withSecret'] = (send) => send(null, () => undefined);
  way = { guard, orgId: 'org_x', beforeSend: () => undefined, withSecret };
});
afterAll(() => mcp?.stop());
beforeEach(() => {
  mcp.instead = null;
});

const open = (patience = LONG) => McpSession.open(mcp.url, way, new AbortController().signal, patience);
/** Has the server answer calls like this. */
function answering(with_: (raw: ServerResponse, id: unknown) => void, to = 'tools/call'): void {
  mcp.instead = (rpc, _, raw, id) => {
    if (rpc !== to) return false;
    with_(raw, id);
    return true;
  };
}
const json = { 'content-type': 'application/json' };
const events = { 'content-type': 'text/event-stream' };
const result = (id: unknown, value: object = ANSWER) => JSON.stringify({ jsonrpc: '2.0', id, result: value });
const event = (data: string) => `event: message\ndata: ${data}\n\n`;

/** A byte now and then: never silent, and never done. */
function drip(raw: ServerResponse, headers: Record<string, string>, piece: string): void {
  raw.writeHead(200, headers);
  const timer = setInterval(() => raw.write(piece), 20);
  raw.on('close', () => clearInterval(timer));
}

async function call(patience = LONG) {
  const session = await open(patience);
  try {
    return await session.call('add', { a: 1, b: 2 }, new AbortController().signal);
  } finally {
    session.close();
  }
}

describe('#33 an MCP server that does not behave', () => {
  it.each([
    ['JSON', json, ' '],
    ['a stream', events, ': wait\n'],
  ])('that drips %s: a call ends by name when its time is up', async (_, headers, piece) => {
    answering((raw) => drip(raw, headers, piece));
    expect(await call(SHORT_CALL)).toEqual({
      output: null,
      error: 'the server did not answer within 250 ms',
    });
  });

  it('that drips when it is asked what it has: the same name', async () => {
    answering((raw) => drip(raw, json, ' '), 'tools/list');
    const session = await open(SHORT_LIST);
    await expect(session.tools(new AbortController().signal)).rejects.toMatchObject({
      code: 'upstream_timeout',
    });
    session.close();
    answering((raw) => drip(raw, json, ' '), 'initialize');
    await expect(open(SHORT_LIST)).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  it.each([
    ['JSON', (raw: ServerResponse, id: unknown) => void raw.writeHead(200, json).end(long(id))],
    ['a stream', (raw: ServerResponse, id: unknown) => void raw.writeHead(200, events).end(event(long(id)))],
    [
      'a stream without end',
      (raw: ServerResponse) => {
        raw.writeHead(200, events);
        const more = (): void =>
          void (raw.destroyed || raw.write(`: ${'x'.repeat(100_000)}\n`, () => more()));
        more();
      },
    ],
  ])('that says more than 1 MB in %s: the call ends at once, by what it was', async (_, answer) => {
    answering(answer);
    const { output, error } = await call();
    expect([output, error]).toEqual([
      null,
      expect.stringMatching(/1048576|1 MB|too (large|long)|larger|longer/),
    ]);
  });

  it.each([
    ['ends', (raw: ServerResponse) => void raw.writeHead(200, events).end(': nothing\n\n')],
    [
      'is cut in its middle',
      (raw: ServerResponse) =>
        void (raw.writeHead(200, events), raw.write('data: {"json', () => raw.destroy())),
    ],
  ])('whose stream %s without an answer: the call ends at once', async (_, answer) => {
    answering(answer);
    const { output, error } = await call();
    expect([output, error]).toEqual([null, expect.not.stringContaining('within')]);
  });

  it('whose stream stays open after the answer: it is the answer all the same', async () => {
    answering((raw, id) => void raw.writeHead(200, events).write(event(result(id))));
    expect(await call()).toEqual({ output: 'There.', error: null });
  });
});

function long(id: unknown): string {
  return result(id, { content: [{ type: 'text', text: 'x'.repeat(1_100_000) }] });
}
