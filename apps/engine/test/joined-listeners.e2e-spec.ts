import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { fromUuid, toUuid } from '#lib/kernel';
import { frames } from './support/sse.js';
import { send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';

jest.setTimeout(60_000);

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };
const PIECES = Array.from({ length: 24 }, (_, at) => `piece-${at} `);

let stage: Stage;
let tenant: Tenant;
let otherUrl: string;

beforeAll(async () => {
  stage = await startStage();
  otherUrl = (await stage.second()).url;
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.openai;
  await stage.tenants.key(tenant, { provider: 'openai', secret: 'sk-join-0123456789abc', baseUrl });
  stage.upstream.script({ text: PIECES, pieceDelayMs: 150 });
});

const post = (token: string, isStream: boolean, url = stage.url) =>
  send(stage, tenant, 'POST', '/agent-runs', {
    ...{ token, url, body: { nodeExecutionId: 'joined', agent: AGENT } },
    headers: isStream ? { accept: 'text/event-stream' } : {},
  });

/** A run of one token, joined by another token in a way that `join` says; then the other one is revoked. */
async function joined(join: (token: string) => Promise<Response>): Promise<[Promise<Response>, Response]> {
  const first = await post(tenant.token, true);
  await delay(300);
  const { token, tokenId } = await stage.tenants.token(tenant.orgId, tenant.owner);
  const joining = join(token);
  await delay(500);
  await stage.db.query('UPDATE tokens SET revoked_at = now() WHERE id = $1', [toUuid(tokenId)]);
  await stage.notify({ orgId: tenant.orgId, topic: 'token.revoked', ids: { tokenId } });
  return [joining, first];
}

describe('C: who listens to a run that somebody else began is told no more of it once its token is revoked', () => {
  it('joined as a stream, in the same process and in another one; the run itself goes on', async () => {
    for (const url of [stage.url, otherUrl]) {
      const [joining, first] = await joined((token) => post(token, true, url));
      const seen = [];
      for await (const frame of frames(await joining)) seen.push(frame);
      expect(seen.at(-1)).toMatchObject({ event: 'run.failed', data: { code: 'unauthenticated' } });
      expect(seen.length).toBeLessThan(PIECES.length);
      const whole = [];
      for await (const frame of frames(first)) whole.push(frame.event);
      expect(whole.at(-1)).toBe('run.finished');
      tenant = await stage.tenants.create();
      const baseUrl = stage.upstream.baseUrls.openai;
      await stage.tenants.key(tenant, { provider: 'openai', secret: 'sk-join-0123456789abc', baseUrl });
      stage.upstream.script({ text: PIECES, pieceDelayMs: 150 });
    }
  });

  it('joined for its answer, or waited for', async () => {
    const [joining, first] = await joined((token) => post(token, false, otherUrl));
    const answer = await joining;
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      401,
      'unauthenticated',
    ]);
    await first.body?.cancel();
  });

  it('asked for with wait', async () => {
    const started = await post(tenant.token, true);
    await delay(300);
    const { rows } = await stage.db.query<{ id: string }>(
      'SELECT id::text FROM agent_runs WHERE org_id = $1',
      [toUuid(tenant.orgId)],
    );
    const { token, tokenId } = await stage.tenants.token(tenant.orgId, tenant.owner);
    const path = `/agent-runs/${fromUuid('run', rows[0]!.id)}?wait=30`;
    const waiting = send(stage, tenant, 'GET', path, { token });
    await delay(500);
    await stage.db.query('UPDATE tokens SET revoked_at = now() WHERE id = $1', [toUuid(tokenId)]);
    await stage.notify({ orgId: tenant.orgId, topic: 'token.revoked', ids: { tokenId } });
    expect((await waiting).status).toBe(401);
    await started.body?.cancel();
  });
});
