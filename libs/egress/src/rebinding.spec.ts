import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startSink, type Sink } from '#lib/testing';
import { parseEgressAllow } from './allow-list.js';
import { EgressGuard } from './guard.js';
import { closeEgress, guardedFetch } from './guarded-fetch.js';

const ORG = 'org_01jd0000000000000000000000';
const PUBLIC = '93.184.216.34';
const HEADERS = { authorization: 'Bearer sk-rebound-0123456789' };
/** What a name turns to after it was judged. The sink listens at those of this machine. */
const INSIDE = [
  ['127.0.0.2'],
  ['::1'],
  ['0.0.0.0'],
  ['::ffff:127.0.0.2'],
  ['64:ff9b::7f00:2'],
  ['10.0.0.1'],
  ['169.254.169.254'],
  [PUBLIC, '127.0.0.2'],
  ['127.0.0.2', PUBLIC],
  [PUBLIC, '::1'],
  ['2606:2800:220:1:248:1893:25c8:1946', '127.0.0.2'],
  ['::1', PUBLIC],
];

let sink: Sink;
const guards: EgressGuard[] = [];
beforeAll(async () => {
  sink = await startSink();
});
afterAll(() => sink.stop());
beforeEach(() => sink.reset());
afterEach(() => Promise.all(guards.splice(0).map(closeEgress)));

/** A guard whose DNS gives these answers in turn, and the last one for ever. */
function guardWith(answers: string[][], allow: string[] = []) {
  let asked = 0;
  const resolver = async () => answers[Math.min((asked += 1), answers.length) - 1] ?? [];
  const guard = new EgressGuard(parseEgressAllow(allow), { resolver });
  guards.push(guard);
  return { guard, asked: () => asked };
}
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'sent',
    (error: { code?: string }) => error.code,
  );

describe('#50 rebinding', () => {
  it.each(INSIDE)('public when saved, then %s %s: neither dialled nor saved again', async (...answer) => {
    const { guard, asked } = guardWith([[PUBLIC], answer]);
    await guard.checkUrl('https://rebind.example.com/v1', ORG);
    const send = guardedFetch({ guard, orgId: ORG });
    expect(await codeOf(send('https://rebind.example.com/v1', { headers: HEADERS }))).toBe('egress_blocked');
    expect(await codeOf(guard.checkUrl('https://rebind.example.com/v1', ORG))).toBe('egress_blocked');
    expect(asked()).toBe(3);
  });

  it('control: a listed name reaches the sink; turned to its neighbours on the same port it doesn’t', async () => {
    const url = `http://ollama.example.com:${sink.port}/`;
    const allow = [`http://127.0.0.1/32:${sink.port}`];
    const { guard } = guardWith([['127.0.0.1']], allow);
    expect((await guardedFetch({ guard, orgId: ORG })(url, { headers: HEADERS })).status).toBe(200);
    expect(sink.connections).toEqual(['127.0.0.1']);
    sink.reset();
    for (const answer of [...INSIDE, ['127.0.0.1', '127.0.0.2'], ['127.0.0.1', PUBLIC]]) {
      const turned = guardWith([['127.0.0.1'], answer], allow).guard;
      await turned.checkUrl(url, ORG);
      const code = await codeOf(guardedFetch({ guard: turned, orgId: ORG })(url, { headers: HEADERS }));
      expect([answer, code]).toEqual([answer, 'egress_blocked']);
    }
    expect([sink.connections, sink.requests]).toEqual([[], []]);
    console.info(`rebinding: 1 connection for the listed answer, 0 for ${INSIDE.length + 2} others`);
  });

  it('what is dialled is the address that was judged, however often DNS changes its mind', async () => {
    const { guard, asked } = guardWith([['127.0.0.1'], ['127.0.0.2']], [`http://127.0.0.1/32:${sink.port}`]);
    const send = guardedFetch({ guard, orgId: ORG });
    expect((await send(`http://once.example.com:${sink.port}/`)).status).toBe(200);
    expect([asked(), sink.connections]).toEqual([1, ['127.0.0.1']]);
  });

  it('a socket that ends elsewhere than at the judged address is closed before a byte is sent', async () => {
    // The kernel itself leads 0.0.0.0 to 127.0.0.1: the peer is not what was dialled, though the operator listed what was.
    const { guard } = guardWith([], [`http://0.0.0.0/32:${sink.port}`]);
    const send = guardedFetch({ guard, orgId: ORG });
    const failure = await send(`http://0.0.0.0:${sink.port}/`, { headers: HEADERS }).catch(
      (error: { code: string; message: string }) => error,
    );
    expect(failure).toMatchObject({
      code: 'egress_blocked',
      message: expect.stringMatching(/Nothing was sent/),
    });
    expect([sink.connections, sink.requests]).toEqual([['127.0.0.1'], []]);
  });
});
