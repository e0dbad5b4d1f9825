import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { chmodSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PgPool } from '#lib/persistence';
import { LocalKmsFiles, startTestDatabase, type TestDatabase } from '#lib/testing';
import { Tenants } from '../../apps/engine/test/support/tenants.js';
import { engineEnvironment, EngineProcess, ticketKeys } from './support/engine-process.js';
import { openPorts } from './support/processes.js';

jest.setTimeout(60_000);

/** Of each file's faults one: local-files.spec.ts has the others, without a process around them. */
describe('#32 the engine, started with key files that are not as they must be', () => {
  let database: TestDatabase;
  let files: LocalKmsFiles;
  let keyset: string;
  let env: Record<string, string>;
  const messages = new Set<string>();

  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(async () => {
    console.log(`${messages.size} refusals to boot, each with a message of its own`);
    await database.stop();
  });
  beforeEach(() => {
    files = new LocalKmsFiles();
    keyset = files.paths.privateKeysetPaths.call;
    env = engineEnvironment(database, files, ticketKeys(files).publicPath);
  });
  afterEach(() => files.remove());

  /** Boots with the files as they are now; it must end by itself, say this, and never have listened. */
  async function expectRefusal(message: RegExp, settings: Record<string, string> = {}): Promise<void> {
    const port = await freePort();
    const engine = new EngineProcess({ ...env, ...settings, CLAVIGER_ENGINE_PORT: String(port) });
    let over = false;
    let listened = 0;
    const watch = async (): Promise<void> => {
      while (!over) {
        listened += (await openPorts({ port })).length;
        await delay(50);
      }
    };
    const watching = watch();
    // One that boots after all would go on for ever.
    void engine.url().then(
      () => engine.stop('SIGKILL'),
      () => undefined,
    );
    const code = await engine.ended;
    over = true;
    await watching;
    expect(engine.output).toMatch(message);
    expect({
      code: code !== 0 && code !== null,
      listened,
      says: engine.output.includes('engine listens'),
    }).toEqual({
      code: true,
      listened: 0,
      says: false,
    });
    const [said = ''] = message.exec(engine.output) ?? [];
    expect(messages.has(said)).toBe(false);
    messages.add(said);
    expect(engine.output).not.toContain(/"key": "(.{12})/.exec(privateText())?.[1] ?? 'no key');
  }

  const privateText = (): string => {
    try {
      return files.read('call');
    } catch {
      return '';
    }
  };

  /** A secret that was sealed for the present keys. */
  async function sealSomething(): Promise<void> {
    const pool = new PgPool({ databaseUrl: database.superuserUrl, max: 1 });
    const tenants = new Tenants(pool, files);
    await tenants.key(await tenants.create(), { provider: 'openai', secret: 'sk-boot-0123456789abcdef' });
    await pool.close();
  }

  it('refuses mode 0644', async () => {
    chmodSync(keyset, 0o644);
    await expectRefusal(/has mode 0644, wider than 0600, so others could read the keys: run chmod 0600/);
  });

  it('refuses a symbolic link', async () => {
    const real = join(files.dir, 'elsewhere.json');
    renameSync(keyset, real);
    symlinkSync(real, keyset);
    await expectRefusal(/is a symbolic link, and those are not followed: .*KMS_LOCAL_ALLOW_SYMLINK=yes/);
  });

  it('refuses production, unless the operator set the switch', async () => {
    await expectRefusal(/KMS_LOCAL_ALLOW_PRODUCTION: is not set to yes/, { NODE_ENV: 'production' });
  });

  // Each test has keys of its own and the database stays: what is sealed here is foreign to those that come later.
  it('control: boots with the files as they must be, in production with the switch', async () => {
    await sealSomething();
    const production = { NODE_ENV: 'production', KMS_LOCAL_ALLOW_PRODUCTION: 'yes' };
    const engine = new EngineProcess({ ...env, ...production });
    expect((await fetch(`${await engine.url()}/livez`)).status).toBe(200);
    await engine.stop();
  });

  it('refuses a file that is missing while ciphertext exists, and says that nothing else can open it', async () => {
    await sealSomething();
    rmSync(keyset);
    await expectRefusal(
      /is missing, but secrets sealed for it are stored: restore the file from your backup/,
    );
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
