import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startFakeUpstream, startStack, type FakeUpstream, type RunningStack } from '#lib/testing';
import { ensureKeys, NO_USES } from '../local/launcher/keys.js';
import { Person } from './support/client.js';
import { tool } from './support/tools.js';

// Whole stacks, several times, on whatever machine this is.
jest.setTimeout(240_000);

const KEPT = 'sk-kept-0123456789abcdef-KKKK';
const REVOKED = 'sk-revoked-0123456789abcdef-RRRR';
const LATER = 'sk-later-0123456789abcdef-LLLL';

describe('the backup drill', () => {
  const ground = mkdtempSync(join(tmpdir(), 'claviger-drill-'));
  chmodSync(ground, 0o711);
  const dataDir = join(ground, 'data');
  const [backup, keys] = [join(ground, 'backup'), join(ground, 'vault/keys')];
  let upstream: FakeUpstream;
  let stack: RunningStack | undefined;
  let owner: Person;
  let workspaceId: string;
  let token: string;
  let revokedId: string;

  beforeAll(async () => {
    upstream = await startFakeUpstream();
  });
  afterAll(async () => {
    await stack?.stop();
    await upstream.stop();
    rmSync(ground, { recursive: true, force: true });
  });

  const env = () => ({
    CLAVIGER_DATA_DIR: dataDir,
    CLAVIGER_EGRESS_ALLOW: `http://127.0.0.1/32:${upstream.port}`,
    CLAVIGER_AUDIT_CHECKPOINT_SECONDS: '1',
  });
  async function boot(change: Record<string, string> = {}): Promise<RunningStack> {
    stack = await startStack({ dataDir, env: { ...env(), ...change } });
    return stack;
  }
  async function stop(): Promise<void> {
    await stack?.stop();
    stack = undefined;
  }
  /** Why the stack does not start. */
  const refusal = (change: Record<string, string> = {}): Promise<string> =>
    boot(change).then(
      () => 'it started',
      (error: Error) => error.message,
    );

  async function addKey(name: string, secret: string): Promise<string> {
    const baseUrl = upstream.baseUrls.openai;
    const made = await owner.ok<{ id: string }>('POST', '/api/v1/ai-providers', {
      ...{ name, provider: 'openai', secret, baseUrl },
    });
    return made.id;
  }
  async function assign(...ids: string[]): Promise<void> {
    const assignments = ids.map((aiProviderId, priority) => ({ aiProviderId, priority }));
    await owner.ok('PUT', `/api/v1/workspaces/${workspaceId}/ai-providers`, { assignments });
  }
  let runs = 0;
  async function run(): Promise<{ status: number; code?: string }> {
    const workflow = new Person(stack?.state.urls.engine ?? '', token);
    const path = `/internal/v1/workspaces/${workspaceId}/agent-runs`;
    const body = { nodeExecutionId: `n-${(runs += 1)}`, agent: { model: 'gpt-4.1-mini', prompt: 'Hi.' } };
    const { status, body: answer } = await workflow.send<{ code?: string }>('POST', path, body);
    return { status, code: answer.code };
  }
  const sentWith = () => upstream.requests.map(({ headers }) => headers['authorization']);
  const epochOutside = () => {
    const file = join(dataDir, 'checkpoints/audit.ndjson');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    return Math.max(0, ...lines.map((line) => (JSON.parse(line) as { epoch: number }).epoch));
  };
  async function checkpointed(after: number): Promise<void> {
    for (let waited = 0; epochOutside() <= after && waited < 30_000; waited += 100) await delay(100);
    expect(epochOutside()).toBeGreaterThan(after);
  }

  it('backs up while calls go on, and none of them fails', async () => {
    const { state } = await boot();
    owner = new Person(state.urls.api);
    ({ workspaceId } = await owner.signUp('owner@drill.test'));
    token = (await owner.ok<{ token: string }>('POST', '/api/v1/tokens', { name: 'flows', kind: 'engine' }))
      .token;
    const keptId = await addKey('Kept', KEPT);
    revokedId = await addKey('Revoked', REVOKED);
    await assign(revokedId, keptId);
    expect(await run()).toMatchObject({ status: 200 });
    expect(sentWith()).toEqual([`Bearer ${REVOKED}`]);
    await checkpointed(0);

    let done = false;
    const results: number[] = [];
    const load = (async () => {
      while (!done) results.push((await run()).status);
    })();
    const { code, output } = await tool('backup', ['--to', backup, '--keys-to', keys], env());
    done = true;
    await load;
    expect(`${code}\n${output}`).toMatch(/^0\n/);
    expect(results.length).toBeGreaterThan(0);
    expect(results.filter((status) => status !== 200)).toEqual([]);
    for (const folder of [backup, keys]) expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('after which a key is revoked and another added, and the disk is lost', async () => {
    const before = epochOutside();
    await owner.ok('PATCH', `/api/v1/ai-providers/${revokedId}`, { enabled: false });
    await addKey('Later', LATER);
    await checkpointed(before);
    await stop();
    rmSync(dataDir, { recursive: true });
  });

  it('restores into an empty folder, and then serves nothing: the revoked key does not revive by itself', async () => {
    const { code, output } = await tool('restore', ['--from', backup, '--keys-from', keys], env());
    expect(`${code}\n${output}`).toMatch(/^0\n[^]*acknowledge-restore/);
    const said = await refusal();
    expect(said).toContain('this database is an old copy');
    expect(said).toContain('audit -- acknowledge-restore');
    upstream.reset();
  });

  it('with the wrong keys, missing keys, another’s keys or another name it does not boot, and says which', async () => {
    const own = join(ground, 'own-keys');
    cpSync(join(dataDir, 'keys'), own, { recursive: true });
    const stranger = join(ground, 'stranger');
    ensureKeys(stranger, NO_USES);
    const place = (...parts: string[]) => join(dataDir, 'keys', ...parts);
    const swap = (...parts: string[]) => {
      rmSync(place(...parts), { recursive: true, force: true });
      cpSync(join(stranger, ...parts), place(...parts), { recursive: true });
      for (const folder of ['kms/call', 'kms/webhook', 'kms/login']) chmodSync(place(folder), 0o700);
    };
    const putBack = () => {
      rmSync(place(), { recursive: true });
      cpSync(own, place(), { recursive: true });
      for (const folder of ['kms/call', 'kms/webhook', 'kms/login']) chmodSync(place(folder), 0o700);
    };

    swap('kms/call');
    expect(await refusal()).toMatch(
      /kms\/call\/keyset\.json does not hold the key local:call:\w+ that stored secrets/,
    );
    putBack();
    rmSync(place('kms/call/keyset.json'));
    expect(await refusal()).toMatch(
      /private keyset .*call\/keyset\.json is missing, but sealed secrets are stored/,
    );
    expect(existsSync(place('kms/call/keyset.json'))).toBe(false);
    putBack();
    rmSync(place('audit/private.pem'));
    expect(await refusal()).toMatch(/audit\/private\.pem is missing, but the audit log was signed with it/);
    putBack();
    swap('audit');
    swap('audit-check');
    expect(await refusal()).toMatch(
      /audit-check\/public\.pem does not hold the key \w+ that the audit log was signed/,
    );
    putBack();
    rmSync(place('fingerprint/pepper'));
    expect(await refusal()).toMatch(
      /fingerprint\/pepper is missing, but stored secrets are told apart by it/,
    );
    putBack();
    swap();
    expect(await refusal()).toContain('these are the keys of another installation');
    putBack();
    expect(await refusal({ CLAVIGER_DEPLOYMENT: 'another' })).toMatch(
      /this database belongs to the deployment "default", and CLAVIGER_DEPLOYMENT is "another"/,
    );
    expect(upstream.requests).toEqual([]);
  });

  it('once acknowledged, serves with the restored keys; what came after the backup is gone', async () => {
    const { code, output } = await tool('audit', ['acknowledge-restore', '--reason', 'drill'], env());
    expect(`${code}\n${output}`).toMatch(/^0\n/);
    await boot();
    expect(await run()).toMatchObject({ status: 200 });
    // The documented loss: acknowledging takes the revocation back, which is why the boot asks first.
    expect(sentWith()).toEqual([`Bearer ${REVOKED}`]);
    const again = new Person(stack?.state.urls.api ?? '');
    const account = { email: 'owner@drill.test', password: 'a long enough password' };
    const { csrfToken } = await again.ok<{ csrfToken: string }>('POST', '/api/v1/auth/login', account);
    const { data } = await again.ok<{ data: { id: string; name: string }[] }>('GET', '/api/v1/ai-providers');
    expect(data.map(({ name }) => name).sort()).toEqual(['Kept', 'Revoked']);
    const csrf = { 'x-csrf-token': csrfToken };
    const revoked = await again.send('PATCH', `/api/v1/ai-providers/${revokedId}`, { enabled: false }, csrf);
    expect(revoked.status).toBe(200);
    await delay(2_000);
    upstream.reset();
    expect(await run()).toMatchObject({ status: 200 });
    expect(sentWith()).toEqual([`Bearer ${KEPT}`]);
    await stop();
    expect((await tool('audit', ['verify'], env())).output).toMatch(/ok, \d+ events/);
  });
});
