import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  PRIVATE_CA,
  startFakeProxy,
  startFakeUpstream,
  startStack,
  startTlsFront,
  type FakeProxy,
  type FakeUpstream,
  type RunningStack,
  type TlsFront,
} from '#lib/testing';

// Whole processes.
jest.setTimeout(240_000);

const root = resolve(import.meta.dirname, '../..');
const SECRET = 'sk-way-out-0123456789abcdef';
const PASSWORD = 'hunter2-hunter2';
const PERSON = {
  email: 'owner@way-out.test',
  password: 'a long password',
  name: 'Owner',
  orgName: 'Way out',
};

let folder: string;
let upstream: FakeUpstream;
let front: TlsFront;
let proxy: FakeProxy;
let stack: RunningStack;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-way-out-'));
  upstream = await startFakeUpstream();
  front = await startTlsFront(PRIVATE_CA.upstream, () => upstream.port);
  const routes = () => ({ host: '127.0.0.1', port: front.port });
  proxy = await startFakeProxy({ credentials: `claviger:${PASSWORD}`, tls: PRIVATE_CA.proxy, routes });
  const url = join(folder, 'proxy-url');
  writeFileSync(url, `https://claviger:${PASSWORD}@localhost:${proxy.port}\n`);
  writeFileSync(join(folder, 'ca.pem'), PRIVATE_CA.ca);
  const other = `http://127.0.0.1:${upstream.port}`;
  stack = await startStack({
    env: {
      CLAVIGER_EGRESS_PROXY_FILE: url,
      CLAVIGER_EGRESS_CA_FILE: join(folder, 'ca.pem'),
      ...{ HTTP_PROXY: other, HTTPS_PROXY: other, https_proxy: other, ALL_PROXY: other, NO_PROXY: '*' },
    },
  });
});
afterAll(async () => {
  await stack?.stop();
  await proxy.stop();
  await front.stop();
  await upstream.stop();
  rmSync(folder, { recursive: true });
});

async function post(path: string, body: object | undefined, headers: Record<string, string> = {}) {
  const response = await fetch(`${stack.state.urls.api}/api/v1/${path}`, {
    method: 'POST',
    headers: {
      origin: stack.state.urls.web,
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body && JSON.stringify(body),
  });
  return { response, body: (await response.json()) as Record<string, string> };
}

describe('#50 the operator’s proxy and CA, over the processes of npm start', () => {
  it('a key is tested through the TLS proxy; its failure names the operator; no log holds a credential', async () => {
    const signup = await post('auth/signup', PERSON);
    const cookie = signup.response.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    const session = { cookie, 'x-csrf-token': signup.body['csrfToken'] ?? '' };
    const baseUrl = `https://${PRIVATE_CA.upstream.address}/openai/v1`;
    const made = await post(
      'ai-providers',
      { name: 'K', provider: 'openai', secret: SECRET, baseUrl },
      session,
    );
    expect(made.response.status).toBe(201);
    const test = () => post(`ai-providers/${made.body['id']}/test`, undefined, session);

    expect((await test()).body).toMatchObject({ ok: true, status: 'ok' });
    expect(proxy.connects.map(({ authority }) => authority)).toEqual([`${PRIVATE_CA.upstream.address}:443`]);
    expect(upstream.requests.map(({ headers }) => headers['authorization'])).toEqual([`Bearer ${SECRET}`]);

    proxy.fail({ status: 407 });
    // A connection that still stands needs no tunnel.
    await proxy.hangUp();
    expect((await test()).body).toMatchObject({
      ok: false,
      status: 'unreachable',
      message: expect.stringMatching(/407.*CLAVIGER_EGRESS_PROXY/),
    });
    expect(upstream.requests).toHaveLength(1);
    const logs = join(stack.dataDir, 'logs');
    const text = readdirSync(logs)
      .map((name) => readFileSync(join(logs, name), 'utf8'))
      .join('\n');
    expect(text).toContain('engine listens');
    for (const secret of [PASSWORD, Buffer.from(`claviger:${PASSWORD}`).toString('base64'), SECRET])
      expect(text + stack.output()).not.toContain(secret);
  });

  it('a CA file that the engine cannot read, and a listed database, stop the boot with their mend', async () => {
    const boot = (env: Record<string, string>) =>
      new Promise<string>((done) => {
        const child = spawn(process.execPath, [join(root, 'dist/apps/engine/src/main.js')], {
          cwd: root,
          env: {
            DATABASE_URL: stack.state.databaseUrl,
            CLAVIGER_KMS_PRIVATE_KEYSET: join(stack.dataDir, 'keys/kms/call/keyset.json'),
            CLAVIGER_TICKET_PUBLIC_KEY: join(stack.dataDir, 'keys/ticket-check/public.pem'),
            CLAVIGER_ENGINE_PORT: '0',
            ...env,
          },
        });
        let said = '';
        child.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString()));
        child.once('exit', (code) => done(`${code} ${said}`));
      });
    const { port } = new URL(stack.state.databaseUrl);
    const gone = await boot({
      CLAVIGER_EGRESS_CA_FILE: join(folder, 'gone.pem'),
      CLAVIGER_EGRESS_PROXY: 'proxy:1',
    });
    expect(gone).toMatch(/^1 [^]*engine cannot start: 2 settings need mending/);
    expect(gone).toMatch(/CLAVIGER_EGRESS_CA_FILE: names a file that cannot be read\. Give a path/);
    const listed = await boot({ CLAVIGER_EGRESS_ALLOW: `http://127.0.0.1/32:${port}` });
    expect(listed).toMatch(
      /^1 [^]*engine cannot start: 1 setting needs mending[^]*CLAVIGER_EGRESS_ALLOW: lists http:\/\/127[^ ]+, which is where the database answers/,
    );
    expect(await boot({ CLAVIGER_EGRESS_ALLOW: 'http://169.254.169.254/32:80' })).toMatch(
      /^1 [^]*engine cannot start[^]*metadata and link-local addresses can never be listed/,
    );
  });
});
