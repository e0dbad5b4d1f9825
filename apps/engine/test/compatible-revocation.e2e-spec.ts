import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { applicationOf } from './support/compatible.js';
import { REVOCATIONS } from './support/revocations.js';
import { startStage, type Stage } from './support/stage.js';

// Revocations of every kind, told to nobody, while applications call two engines as fast as they answer.

/** Calls that each application has open at once. */
const AT_ONCE = 4;
/** The fence of CUSTODY.md §4. */
const FENCE_MS = 2_000;
/** How many of an application's calls that began behind the fence are judged. */
const LATE_CALLS = 12;
const BODY = JSON.stringify({ model: 'gpt-4.1-mini', messages: [{ role: 'user', content: 'Hi.' }] });

let stage: Stage;
let engines: string[];

beforeAll(async () => {
  stage = await startStage();
  engines = [stage.url, (await stage.second()).url];
});
afterAll(() => stage?.stop());

const call = async (engine: string, token: string): Promise<{ status: number; text: string }> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${engine}/v1/chat/completions`, { method: 'POST', headers, body: BODY });
  return { status: answer.status, text: await answer.text() };
};

it('#28 #51 C. stop every call of an application that begins 2 s later, under full load, on each engine', async () => {
  const applications = await Promise.all(
    REVOCATIONS.map(async (revocation) => ({ ...revocation, ...(await applicationOf(stage)) })),
  );
  for (const { token } of applications)
    for (const engine of engines) expect(await call(engine, token)).toMatchObject({ status: 200 });

  const seen = await Promise.all(
    applications.map(async ({ name, commit, code, status, tenant, keys, token }) => {
      await commit({ stage, tenant, keyId: keys.openai });
      const committedMs = performance.now();
      const late: { status: number; text: string }[] = [];
      const caller = async (_: unknown, index: number) => {
        while (late.length < LATE_CALLS) {
          const isLate = performance.now() - committedMs >= FENCE_MS;
          const answer = await call(engines[index % engines.length]!, token);
          if (isLate) late.push(answer);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, caller));
      const served = late.filter((answer) => answer.status === 200).length;
      const named = late.some((answer) => answer.status === status && answer.text.includes(code));
      return { name, served, named };
    }),
  );
  expect(seen).toEqual(REVOCATIONS.map(({ name }) => ({ name, served: 0, named: true })));
}, 90_000);
