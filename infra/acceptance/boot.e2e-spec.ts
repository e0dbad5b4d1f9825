import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startTestDatabase, type TestDatabase } from '#lib/testing';
import { ensureKeys, NO_USES } from '../local/launcher/keys.js';
import { openPorts } from './support/processes.js';

jest.setTimeout(120_000);

const root = resolve(import.meta.dirname, '../..');
/** The whole of a refusal, on a machine that is busy with other tests; a process that is waited for takes a minute. */
const SOON_MS = 20_000;

interface Ended {
  code: number | null;
  output: string;
  ms: number;
}

/** Runs a built program to its end, in this environment and nothing else of ours. */
async function run(script: string, args: string[], env: Record<string, string>): Promise<Ended> {
  const began = Date.now();
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(root, 'dist', script), ...args], {
    cwd: root,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, output, ms: Date.now() - began };
}

const STACK = /^\s+at |node:internal|faults: \[|Error:/m;

describe('npm start with settings that cannot be', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'claviger-boot-'));
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it('lists the faults of all processes in one go, plainly and soon, and has started nothing', async () => {
    const faults = {
      CLAVIGER_API_PORT: 'eight',
      CLAVIGER_LOG_LEVEL: 'loud',
      CLAVIGER_PLANS: '{',
      CLAVIGER_KMS: 'foo',
      CLAVIGER_EGRESS_ALLOW: 'http://localhost',
      CLAVIGER_AUTH_THROTTLE: 'maybe',
      CLAVIGER_DEFAULT_PLAN: 'gold',
      CLAVIGER_EGRESS_PROXY: 'proxy',
      CLAVIGER_AUDIT_CHECKPOINT_SECONDS: 'often',
    };
    const folder = join(dataDir, 'faulty');
    const { code, output, ms } = await run('infra/local/start.js', ['--once'], {
      CLAVIGER_DATA_DIR: folder,
      ...faults,
    });
    expect(code).toBe(1);
    expect(output).toContain('npm start cannot start: 9 settings need mending');
    for (const name of Object.keys(faults))
      expect(output).toMatch(new RegExp(`^  ${name}: .+\\. .+\\.$`, 'm'));
    expect(output).not.toMatch(STACK);
    expect(existsSync(folder)).toBe(false);
    expect(ms).toBeLessThan(SOON_MS);
  });

  it('stops everything as soon as one process ends, names it and shows what it said', async () => {
    const { fingerprintPepper } = ensureKeys(join(dataDir, 'keys'), NO_USES);
    writeFileSync(fingerprintPepper, 'short');
    const ports = await freePorts(['WEB', 'API', 'ENGINE', 'WORKER']);
    const { code, output } = await run('infra/local/start.js', ['--no-demo'], {
      CLAVIGER_DATA_DIR: dataDir,
      ...Object.fromEntries(
        Object.entries(ports).map(([name, port]) => [`CLAVIGER_${name}_PORT`, String(port)]),
      ),
    });
    expect(code).toBe(1);
    expect(output).toContain('api ended (exit code 1) before it was ready');
    expect(output).toContain('api cannot start: the fingerprint pepper is shorter than 32 bytes');
    expect(output).not.toContain('was not ready within');
    expect(output).not.toMatch(STACK);
    expect(await openPorts(ports)).toEqual([]);
    expect(existsSync(join(dataDir, 'launcher.json'))).toBe(false);
    expect(readFileSync(join(dataDir, 'postgres/postgres.log'), 'utf8')).toContain(
      'database system is shut down',
    );
  });
});

describe('a process that is started by itself', () => {
  let database: TestDatabase;
  let holder: Server;
  beforeAll(async () => {
    database = await startTestDatabase();
    holder = createServer();
    await new Promise<void>((done) => holder.listen(0, '127.0.0.1', done));
  });
  afterAll(async () => {
    holder.close();
    await database.stop();
  });

  it.each([
    ['api', ['DATABASE_URL', 'CLAVIGER_LOG_LEVEL', 'CLAVIGER_EGRESS_ALLOW', 'CLAVIGER_TICKET_PRIVATE_KEY']],
    ['engine', ['DATABASE_URL', 'CLAVIGER_LOG_LEVEL', 'CLAVIGER_EGRESS_ALLOW', 'CLAVIGER_TICKET_PUBLIC_KEY']],
    ['worker', ['DATABASE_URL', 'CLAVIGER_LOG_LEVEL']],
  ])('%s prints all its faults as plain lines and ends with 1', async (name, expected) => {
    const { code, output } = await run(`apps/${name}/src/main.js`, [], {
      CLAVIGER_LOG_LEVEL: 'loud',
      CLAVIGER_EGRESS_ALLOW: 'nonsense',
    });
    expect(code).toBe(1);
    const lines = output.trimEnd().split('\n');
    expect(lines[0]).toContain(`${name} cannot start: `);
    const variables = lines.slice(1).map((line) => /^ {2}([A-Z_]+): .+\. .+\.$/.exec(line)?.[1]);
    expect(variables).toEqual(expect.arrayContaining(expected));
    expect(variables).not.toContain(undefined);
  });

  it('names the port that is taken, the setting and the mend, and ends', async () => {
    const { port } = holder.address() as AddressInfo;
    const { code, output } = await run('apps/worker/src/main.js', [], {
      DATABASE_URL: database.workerUrl,
      CLAVIGER_WORKER_PORT: String(port),
    });
    expect(code).toBe(1);
    expect(output).toContain(
      `CLAVIGER_WORKER_PORT: port ${port} is in use on 127.0.0.1. Stop the program that holds it, or set CLAVIGER_WORKER_PORT to another port, or 0 for any free one.`,
    );
    expect(output).not.toMatch(STACK);
  });

  it('logs what nobody foresaw as errors are logged: no message that may quote a login', async () => {
    const { code, output } = await run('apps/worker/src/main.js', [], {
      DATABASE_URL: database.workerUrl.replace(/:[^:@/]+@/, ':hunter2-wrong@'),
    });
    expect(code).toBe(1);
    expect(JSON.parse(output.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      level: 'error',
      process: 'worker',
      msg: 'worker cannot start',
      err: { code: '28P01' },
    });
    expect(output).not.toContain('hunter2');
  });
});

/** Ports that nobody held a moment ago. */
async function freePorts<Name extends string>(names: Name[]): Promise<Record<string, number>> {
  const servers = await Promise.all(
    names.map(
      () =>
        new Promise<Server>((done) => {
          const server = createServer().listen(0, '127.0.0.1', () => done(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return Object.fromEntries(names.map((name, index) => [name, ports[index] ?? 0]));
}
