import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Scrubber } from '#lib/providers';
import { joinContent } from '#lib/limits';
import { JsonMembers } from '../src/compatible/body/json-members.js';
import { CALL_ROUTES } from '../src/compatible/operations.js';
import { AnswerReader } from '../src/compatible/relay/answer-reader.js';
import { applicationOf } from './support/compatible.js';
import { RECORDED, type Recorded } from './support/recorded.js';
import { startStage, type Stage } from './support/stage.js';

const READ = 1_000;
const SENT = 20;

let stage: Stage;
let app: Awaited<ReturnType<typeof applicationOf>>;

beforeAll(async () => {
  stage = await startStage();
  app = await applicationOf(stage);
});
afterAll(() => stage?.stop());
beforeEach(() => stage.upstream.reset());

/** The same every time: a failure can be looked at. */
function cut(bytes: Buffer, seed: number): Buffer[] {
  const parts: Buffer[] = [];
  let state = seed;
  for (let at = 0; at < bytes.length;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const size = 1 + Math.floor((state / 2_147_483_648) ** 3 * 200);
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parts;
}

function readerOf({ id, body }: Recorded): AnswerReader {
  const { operation } = CALL_ROUTES.find((route) => route.operation.id === id)!;
  const members = new JsonMembers(Buffer.from(JSON.stringify(body)));
  const params = { model: 'gemini-embedding-001', alt: 'sse' };
  const asked = operation.read(members, params);
  const scrubber = new Scrubber(['sk-live-0123456789abcdefghij']);
  const content = joinContent([]);
  return new AnswerReader({ operation, asked, scrubber, content, usage: operation.usage(), holds: false });
}

it('there is a recorded answer of every operation', () => {
  const operations = new Set(CALL_ROUTES.map(({ operation }) => operation.id));
  expect(new Set(RECORDED.map(({ id }) => id))).toEqual(operations);
});

describe.each(RECORDED.map((one) => [`${one.id}${one.isStream ? ', a stream' : ''}`, one] as const))(
  '%s',
  (_name, recorded) => {
    const sent = Buffer.from(recorded.answer);

    it(`is told byte for byte as it came, in ${READ} chunkings`, async () => {
      for (let seed = 1; seed <= READ; seed += 1) {
        const reader = readerOf(recorded);
        const parts = cut(sent, seed);
        const told = recorded.isStream
          ? [...parts.map((part) => reader.stream(part)), reader.streamEnd()]
          : [...parts.map((part) => reader.piece(part)), reader.pieceEnd()];
        if (!Buffer.concat(told).equals(sent))
          throw new Error(`chunking ${seed}: ${Buffer.concat(told).toString()}`);
      }
      if (!recorded.isStream) expect((await readerOf(recorded).whole(sent)).equals(sent)).toBe(true);
    });

    it(`and so it is over the wire, in ${SENT} of them`, async () => {
      const type = recorded.isStream ? 'text/event-stream' : 'application/json; charset=UTF-8';
      for (let seed = 1; seed <= SENT; seed += 1) {
        stage.upstream.raw(() => ({ headers: { 'content-type': type }, pieces: cut(sent, seed) }));
        const answer = await fetch(stage.url + recorded.path, {
          method: 'POST',
          headers: { authorization: `Bearer ${app.token}`, 'content-type': 'application/json' },
          body: JSON.stringify(recorded.body),
        });
        const told = Buffer.from(await answer.arrayBuffer());
        expect([seed, answer.status, answer.headers.get('content-type'), told.toString()]).toEqual([
          ...[seed, 200, type, recorded.answer],
        ]);
        expect(stage.upstream.requests.at(-1)!.body).toBe(JSON.stringify(recorded.body));
      }
    });
  },
);

it('a Gemini stream as one JSON array is refused by name: it cannot be read as it comes', async () => {
  const answer = await fetch(`${stage.url}/gemini/v1beta/models/gemini-2.5-flash:streamGenerateContent`, {
    method: 'POST',
    headers: { 'x-goog-api-key': app.token, 'content-type': 'application/json' },
    body: JSON.stringify({ contents: [{ parts: [{ text: 'Hi.' }] }] }),
  });
  expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining('alt=sse')]);
  expect(stage.upstream.requests).toEqual([]);
});
