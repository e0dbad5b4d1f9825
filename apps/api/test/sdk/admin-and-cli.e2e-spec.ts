import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ClavigerAdmin, ClavigerError } from '#lib/sdk';
import { packedSdk, type PackedSdk } from '#lib/testing';
import { startBothPlanes, type BothPlanes } from '../support/both-planes.js';

const SECRET = 'sk-cli-canary-0123456789abcdef';

let planes: BothPlanes;
let packed: PackedSdk;
let apiToken: string;
let engineToken: string;

beforeAll(async () => {
  packed = packedSdk();
  planes = await startBothPlanes('sk-owner-0123456789abcdef');
  const make = async (body: object): Promise<string> => (await planes.owner.post('/tokens', body)).body.token;
  apiToken = await make({ name: 'A', kind: 'api' });
  engineToken = await make({ name: 'E', kind: 'engine' });
});
afterAll(async () => {
  packed?.remove();
  await planes?.stop();
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const came: T[] = [];
  for await (const item of items) came.push(item);
  return came;
}

describe('#57 the SDK: the control plane', () => {
  it('makes a key whose answer was lost once, assigns, resolves, tests, rotates and deletes it', async () => {
    let lost = 0;
    const losing: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (init?.method !== 'POST' || (lost += 1) > 1) return response;
      await response.arrayBuffer();
      throw new TypeError('fetch failed');
    };
    const admin = new ClavigerAdmin({ url: planes.api.url, token: apiToken, fetch: losing });
    const baseUrl = planes.upstream.baseUrls.openai;
    const key = await admin.aiProviders.create({ name: 'SDK', provider: 'openai', secret: SECRET, baseUrl });
    expect(lost).toBe(2);
    expect((await all(admin.aiProviders.list({ limit: 1 }))).map(({ name }) => name).sort()).toEqual([
      'K',
      'SDK',
    ]);
    expect(JSON.stringify(key)).not.toContain(SECRET);
    const [workspace] = await all(admin.workspaces.list());
    await admin.workspaces.assign(workspace!.id, { assignments: [{ aiProviderId: key.id }] });
    expect(
      (await all(admin.workspaces.aiProviders(workspace!.id))).map(({ aiProviderId }) => aiProviderId),
    ).toEqual([key.id]);
    expect((await admin.workspaces.models(workspace!.id)).data.length).toBeGreaterThan(0);
    expect(JSON.stringify(await admin.workspaces.resolve(workspace!.id, { provider: 'openai' }))).toContain(
      key.id,
    );
    expect(await admin.aiProviders.test(key.id)).toMatchObject({ ok: true });
    expect(await admin.aiProviders.rotate(key.id, { secret: `${SECRET}-2` })).toMatchObject({ ok: true });
    const inUse = await admin.aiProviders.delete(key.id).catch((error: unknown) => error);
    expect(inUse).toMatchObject({
      code: 'key_in_use',
      status: 409,
      problem: { dependents: expect.anything() },
    });
    expect(inUse).toBeInstanceOf(ClavigerError);
    await admin.aiProviders.delete(key.id, { force: true });
    await expect(admin.aiProviders.get(key.id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await admin.usage()).toMatchObject({ data: expect.anything() });
    const again = [{ aiProviderId: planes.aiProviderId }];
    await admin.workspaces.assign(workspace!.id, { assignments: again });
  });
});

describe('#57 the command line', () => {
  interface Said {
    code: number | null;
    out: string;
    err: string;
  }

  async function claviger(stdin: string, ...args: string[]): Promise<Said> {
    const bin = join(packed.dir, 'node_modules/@claviger/sdk/cli/bin.js');
    const child = spawn(process.execPath, [bin, ...args], {
      env: { PATH: process.env['PATH'], XDG_CONFIG_HOME: packed.dir },
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    const [[code], out, err] = await Promise.all([
      once(child, 'exit'),
      text(child.stdout),
      text(child.stderr),
    ]);
    return { code: code as number | null, out, err };
  }
  const json = (said: Said) =>
    said.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('logs in to both planes by token from standard input, and keeps it where only its user reads it', async () => {
    expect(await claviger('', 'workspaces')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Not logged in'),
    });
    const wrong = await claviger('clv_api_wrong\n', 'login', '--api', planes.api.url);
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('unauthenticated')]);
    expect(await claviger(`${apiToken}\n`, 'login', '--api', planes.api.url)).toEqual({
      code: 0,
      out: 'Logged in.\n',
      err: '',
    });
    const engine = ['--engine', planes.engine.url, '--workspace', planes.owner.workspaceId];
    expect(await claviger(engineToken, 'login', ...engine)).toMatchObject({ code: 0, err: '' });
    const file = join(packed.dir, 'claviger/cli.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ apiToken, engineToken });
  });

  it('makes, lists, tests and deletes keys; their secret comes from standard input and is told to nobody', async () => {
    const baseUrl = planes.upstream.baseUrls.openai;
    const create = [
      'ai-providers',
      'create',
      '--name',
      'CLI',
      '--provider',
      'openai',
      '--base-url',
      baseUrl,
      '--json',
    ];
    const made = await claviger(`${SECRET}\n`, ...create);
    const [{ id }] = json(made);
    const listed = await claviger('', 'ai-providers', 'list');
    expect(listed.out).toMatch(/^ID +NAME +PROVIDER +STATUS +MASK\n/);
    expect(listed.out).toContain(id);
    expect(await claviger('', 'ai-providers', 'test', id)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^ok: /),
    });
    const again = await claviger(SECRET, ...create);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('name_taken')]);
    expect(await claviger('', 'ai-providers', 'delete', id)).toMatchObject({ code: 0, out: 'Deleted.\n' });
    for (const said of [made, listed, again]) expect(said.out + said.err).not.toContain(SECRET);
  });

  it('refuses secrets as arguments, repeating none, and what it does not know', async () => {
    for (const args of [
      ['ai-providers', 'create', '--name', 'X', '--provider', 'openai', '--secret', SECRET],
      ['ai-providers', 'create', `--secret=${SECRET}`],
      ['login', '--api', planes.api.url, apiToken],
      ['login', '--tokens', SECRET],
      ['fly', SECRET],
    ]) {
      const { code, out, err } = await claviger('', ...args);
      expect([code, out]).toEqual([2, '']);
      expect(err).not.toContain(SECRET);
      expect(err).not.toContain(apiToken);
    }
    expect(
      (await claviger('', 'ai-providers', 'create', '--name', 'X', '--provider', 'openai')).err,
    ).toContain('Nothing came on standard input');
  });

  it('lists models and workspaces, and runs an agent, also as a stream; a node’s id makes it one run', async () => {
    expect((await claviger('', 'models')).out).toContain('gpt-4.1-mini');
    expect((await claviger('', 'workspaces', '--json')).out).toContain(planes.owner.workspaceId);
    planes.upstream.reset();
    planes.upstream.script({ text: ['Hel', 'lo. \u001b[31m'] });
    const said = await claviger(
      '',
      'run',
      '--model',
      'gpt-4.1-mini',
      '--node',
      'cli-1',
      '--stream',
      'Say hello.',
    );
    expect(said).toEqual({ code: 0, out: 'Hello. [31m\n', err: '' });
    const again = await claviger(
      '',
      'run',
      '--model',
      'gpt-4.1-mini',
      '--node',
      'cli-1',
      'Say hello.',
      '--json',
    );
    expect(json(again)).toMatchObject([{ status: 'succeeded', text: 'Hello. \u001b[31m' }]);
    expect(planes.upstream.requests).toHaveLength(1);
    const refused = await claviger('', 'run', '--model', 'claude-sonnet-4-6', 'Hi.');
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('no_provider_key')]);
    expect(await claviger('', 'logout')).toMatchObject({ code: 0 });
    expect((await claviger('', 'models')).code).toBe(2);
  });
});
