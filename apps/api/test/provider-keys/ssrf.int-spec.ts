import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Response } from 'supertest';
import { SSRF_CORPUS, ssrfResolver, ssrfUrl, tally } from '#lib/testing';
import { withSuperuser } from '../support/members.js';
import type { Person } from '../support/person.js';
import { startTestApi, type TestApi } from '../support/test-api.js';

// Some hundred requests, on whatever machine this is.
jest.setTimeout(240_000);

const SECRET = 'sk-proj-0123456789abcdefghij-Zq9f';

let api: TestApi;
let owner: Person;
beforeAll(async () => {
  api = await startTestApi({ resolver: ssrfResolver });
  owner = await api.owner();
});
afterAll(() => api?.stop());

/** Everything that a saved key would leave behind. */
const counts = () =>
  withSuperuser(api, async (pool) => {
    const { rows } = await pool.query<object>(
      `SELECT (SELECT count(*)::int FROM provider_keys) AS keys, (SELECT count(*)::int FROM secrets) AS secrets,
         (SELECT count(*)::int FROM secret_versions) AS versions, (SELECT count(*)::int FROM audit_events) AS events,
         (SELECT string_agg(base_url, ' ') FROM provider_keys) AS urls`,
      [],
    );
    return rows[0];
  });

const codesOf = (answers: Response[]) => tally(answers, ({ status, body }) => `${status} ${body.code}`);

function assertRefused(answers: Response[]): void {
  const codes = codesOf(answers);
  expect(Object.keys(codes).filter((code) => !/^422 (egress_blocked|validation_failed)$/.test(code))).toEqual(
    [],
  );
  expect(codes['422 egress_blocked']).toBeGreaterThanOrEqual(250);
  for (const { body, text } of answers) {
    if (body.code === 'egress_blocked')
      expect(body.detail).toMatch(/CLAVIGER_EGRESS_ALLOW|No setting allows it/);
    expect(body.errors[0].pointer).toBe('/baseUrl');
    expect(text).not.toContain(SECRET);
  }
}

describe('#50 the SSRF corpus, saved as a base URL', () => {
  it('POST answers 422 to every one, and leaves no row', async () => {
    const before = await counts();
    const answers: Response[] = [];
    for (const entry of SSRF_CORPUS) {
      const body = { name: 'Inside', provider: 'gateway', secret: SECRET, baseUrl: ssrfUrl(entry) };
      answers.push(await owner.post('/ai-providers', body));
    }
    assertRefused(answers);
    expect(await counts()).toEqual(before);
    console.info(
      `SSRF, POST ai-providers: ${answers.length} URLs, ${JSON.stringify(codesOf(answers))}, 0 rows`,
    );
  });

  it('PATCH answers 422 to every one, and the key keeps its URL and its secret', async () => {
    const made = await owner.post('/ai-providers', {
      name: 'Outside',
      provider: 'gateway',
      secret: SECRET,
      baseUrl: 'https://93.184.216.34/v1',
    });
    expect(made.status).toBe(201);
    const before = await counts();
    const answers: Response[] = [];
    for (const entry of SSRF_CORPUS) {
      // The secret comes along: without it, the new place alone would be refused.
      const body = { baseUrl: ssrfUrl(entry), secret: SECRET };
      answers.push(await owner.patch(`/ai-providers/${made.body.id}`, body));
    }
    assertRefused(answers);
    expect(await counts()).toEqual(before);
    console.info(
      `SSRF, PATCH ai-providers: ${answers.length} URLs, ${JSON.stringify(codesOf(answers))}, 0 changes`,
    );
  });

  it('an entry for one organization lets it save that place, and nobody else, nor a sibling port', async () => {
    const other = await api.owner();
    const env = { CLAVIGER_EGRESS_ALLOW: `http://127.0.0.1/32:11434@${owner.orgId}` };
    const { database, keyFiles } = api;
    const listing = await startTestApi({ database, keyFiles, env, resolver: ssrfResolver });
    const save = async (who: Person, port: number) => {
      const person = listing.stranger();
      await person.logIn(who.email);
      const body = { name: `Ollama ${port}`, provider: 'ollama', baseUrl: `http://127.0.0.1:${port}` };
      const { status, body: answer } = await person.post('/ai-providers', body);
      return [status, answer.code];
    };
    expect(await save(owner, 11434)).toEqual([201, undefined]);
    expect(await save(owner, 11435)).toEqual([422, 'egress_blocked']);
    expect(await save(other, 11434)).toEqual([422, 'egress_blocked']);
    await listing.stop();
  });

  it('an allow-list that names the platform’s own database stops the boot', async () => {
    const { port } = new URL(api.config.databaseUrl);
    for (const entry of [
      `http://127.0.0.1/32:${port}`,
      `http://127.0.0.0/8:${port}`,
      `http://[::1]/128:${port}`,
    ]) {
      const start = startTestApi({
        database: api.database,
        keyFiles: api.keyFiles,
        env: { CLAVIGER_EGRESS_ALLOW: `http://10.1.2.3/32:11434,${entry}` },
      });
      await expect(start).rejects.toThrow(/CLAVIGER_EGRESS_ALLOW: lists .* where the database answers/);
    }
  });
});
