import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LocalKmsConfig } from '#lib/config';
import { LocalKmsFiles } from '#lib/testing';
import type { KmsBootFacts } from '../boot-facts.js';
import { createKms } from '../create-kms.js';
import { PURPOSES } from '../kms.port.js';
import { generateLocalKeysets } from './generate.js';
import { newPrivateKey } from './hpke.js';
import { checkFolder, readKeyFile, type KeyFileRules } from './key-file.js';
import { renderPrivateKeyset } from './keyset.js';

let files: LocalKmsFiles;
let privatePath: string;
beforeEach(() => {
  files = new LocalKmsFiles();
  privatePath = files.paths.privateKeysetPaths.call;
});
afterEach(() => files.remove());

/** What the engine says when it boots with these files. */
function boot(facts: Partial<KmsBootFacts> = {}, change: Partial<LocalKmsConfig> = {}): string {
  return attempt(() => createKms({ ...files.config('call'), ...change }, 'open', { env: 'test', ...facts }));
}

function attempt(act: () => unknown): string {
  try {
    act();
    return 'booted';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('the private keyset file', () => {
  it('serves when it is 0600 in a 0700 folder, and when it is narrower', () => {
    expect(boot()).toBe('booted');
    chmodSync(privatePath, 0o400);
    expect(boot()).toBe('booted');
  });

  it.each(['0640', '0604', '0644', '0660', '0666', '0610'])('refuses to boot at mode %s', (mode) => {
    chmodSync(privatePath, Number.parseInt(mode, 8));
    expect(boot()).toBe(
      `${privatePath} has mode ${mode}, wider than 0600, so others could read the keys: run chmod 0600 ${privatePath}.`,
    );
  });

  it('refuses a folder wider than 0700', () => {
    chmodSync(dirname(privatePath), 0o750);
    expect(boot()).toMatch(/\/call has mode 0750, wider than 0700, so others could replace the keys/);
  });

  it('refuses a symbolic link, unless the setting for mounted secrets names that case', () => {
    const real = join(files.dir, 'elsewhere.json');
    renameSync(privatePath, real);
    symlinkSync(real, privatePath);
    expect(boot()).toMatch(/is a symbolic link, and those are not followed: .*KMS_LOCAL_ALLOW_SYMLINK=yes/);
    expect(boot({}, { allowSymlink: true })).toBe('booted');
  });

  it('takes a mounted secret as Kubernetes lays it out, but not one that everybody may read', () => {
    const mount = join(files.dir, 'mount');
    mkdirSync(join(mount, '..data'), { recursive: true });
    renameSync(privatePath, join(mount, '..data', 'keyset.json'));
    symlinkSync('..data/keyset.json', join(mount, 'keyset.json'));
    const mounted = { allowSymlink: true, privateKeysetPath: join(mount, 'keyset.json') };
    chmodSync(join(mount, '..data', 'keyset.json'), 0o440);
    chmodSync(mount, 0o777);
    expect(boot({}, mounted)).toBe('booted');
    chmodSync(join(mount, '..data', 'keyset.json'), 0o444);
    expect(boot({}, mounted)).toMatch(/has mode 0444, wider than 0440/);
  });

  it('refuses a folder that is a symbolic link', () => {
    const link = join(files.dir, 'link');
    symlinkSync(dirname(privatePath), link);
    expect(boot({}, { privateKeysetPath: join(link, 'keyset.json') })).toMatch(
      /link is a symbolic link: name the real folder/,
    );
  });

  it('refuses what is no file', () => {
    expect(boot({}, { privateKeysetPath: dirname(privatePath) })).toMatch(/is not a regular file/);
  });

  it('tells a first start from a loss when it is missing', () => {
    rmSync(privatePath);
    expect(boot()).toMatch(/is missing: let `npm start` make it/);
    expect(boot({ storedRefs: ['local:call:00'] })).toMatch(
      /is missing, but secrets sealed for it are stored: restore the file/,
    );
    expect(boot({}, { privateKeysetPath: undefined })).toMatch(
      /no private keyset is set: set CLAVIGER_KMS_PRIVATE_KEYSET/,
    );
  });

  it('refuses production, unless the operator allowed it', () => {
    expect(boot({ env: 'production' })).toMatch(
      /off in production: use CLAVIGER_KMS=aws.*KMS_LOCAL_ALLOW_PRODUCTION=yes/,
    );
    expect(boot({ env: 'production' }, { allowProduction: true })).toBe('booted');
    expect(attempt(() => createKms(files.config(), 'seal', { env: 'production' }))).toMatch(
      /off in production/,
    );
  });

  it('refuses keys that the stored secrets were not sealed to', async () => {
    const { ref } = await createKms(files.config(), 'seal', { env: 'test' }).describe('primary', 'call');
    expect(boot({ storedRefs: [ref] })).toBe('booted');
    writeFileSync(privatePath, renderPrivateKeyset('call', [newPrivateKey()]));
    expect(boot({ storedRefs: [ref] })).toBe(
      `${privatePath} does not hold the key ${ref} that stored secrets were sealed to: restore the right file from your backup.`,
    );
  });

  it('refuses to serve secrets of another KMS', () => {
    expect(boot({ storedRefs: ['aws:arn:aws:kms:eu-central-1:1:key/2'] })).toMatch(
      /wrapped under aws:arn:.*, which CLAVIGER_KMS=local can't open: set CLAVIGER_KMS back\. /,
    );
    const aws = { adapter: 'aws', keyId: 'k', region: 'eu-central-1' } as const;
    expect(attempt(() => createKms(aws, 'open', { env: 'test', storedRefs: ['local:call:00'] }))).toMatch(
      /wrapped under local:call:00, which CLAVIGER_KMS=aws can't open/,
    );
  });

  it('notices damage, without quoting a key', () => {
    const text = readFileSync(privatePath, 'utf8');
    const key = /"key": "(.{43})"/.exec(text)![1]!;
    const damages = [
      text.slice(0, -20),
      text.replace('claviger-private-keyset/1', 'claviger-private-keyset/2'),
      text.replace('"purpose": "call"', '"purpose": "calls"'),
      text.replace(key, key.slice(0, 20)),
      text.replace(key, `${key.slice(0, 10)}${key[10] === 'A' ? 'B' : 'A'}${key.slice(11)}`),
      text.replace(/"primary": "..../, '"primary": "0000'),
      text.replace('"keys"', '"kees"'),
      '[]',
      'null',
    ];
    for (const damaged of damages) {
      writeFileSync(privatePath, damaged);
      const message = boot();
      expect(message).toMatch(/is not a usable keyset: .*Restore it from your backup/);
      expect(message).not.toContain(key.slice(0, 12));
    }
  });

  it('#32 opens its own purpose only', async () => {
    const engine = createKms(files.config('call'), 'open', { env: 'test' });
    const seal = createKms(files.config(), 'seal', { env: 'test' });
    const context = {
      app: 'claviger',
      deployment: 'd',
      org: 'o',
      secret: 's',
      version: '1',
      purpose: 'webhook',
    } as const;
    const { ref, wrapped } = await seal.generateDataKey('primary', context);
    await expect(engine.decrypt(ref, wrapped, context)).rejects.toMatchObject({ kind: 'denied' });
    await expect(engine.decrypt(ref, wrapped, { ...context, purpose: 'call' })).rejects.toMatchObject({
      kind: 'key_gone',
    });
  });
});

describe('ownership', () => {
  const read = (uid: number, rules: Partial<KeyFileRules> = {}) =>
    attempt(() => readKeyFile(privatePath, { allowSymlink: false, secrecy: 'private', uid, ...rules }));

  it('must be this process’s own, of the file and of its folder', () => {
    const me = process.getuid?.() ?? 0;
    expect(read(me)).toBe('booted');
    expect(read(me + 1)).toBe(
      `${privatePath} belongs to user ${me}, this process runs as ${me + 1}: chown it to ${me + 1}.`,
    );
    expect(attempt(() => checkFolder(dirname(privatePath), me + 1))).toMatch(
      /^the folder .* belongs to user/,
    );
  });
});

describe('the public keyset file', () => {
  const seal = () => attempt(() => createKms(files.config(), 'seal', { env: 'test' }));

  it('may be read by all and written by its owner only', () => {
    expect(seal()).toBe('booted');
    chmodSync(files.paths.publicKeysetPath, 0o664);
    expect(seal()).toMatch(
      /has mode 0664, wider than 0644, so others could swap the keys that secrets are sealed to/,
    );
  });

  it('is enough to seal, and holds no private half', () => {
    const shared = readFileSync(files.paths.publicKeysetPath, 'utf8');
    for (const purpose of PURPOSES) {
      expect(shared).not.toContain(/"key": "(.+)"/.exec(files.read(purpose))![1]!);
      rmSync(files.paths.privateKeysetPaths[purpose]);
    }
    expect(seal()).toBe('booted');
  });

  it('says where it comes from when it is missing', () => {
    rmSync(files.paths.publicKeysetPath);
    expect(seal()).toMatch(/the public keyset .* is missing, so nothing can be sealed/);
  });
});

describe('making the key files', () => {
  const snapshot = () => PURPOSES.map((purpose) => files.read(purpose));

  it('makes one key pair per purpose, each alone in its 0700 folder at 0600', () => {
    for (const purpose of PURPOSES) {
      const path = files.paths.privateKeysetPaths[purpose];
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
      expect(readdirSync(dirname(path))).toEqual(['keyset.json']);
    }
    expect(new Set(snapshot().map((text) => /"key": "(.+)"/.exec(text)![1])).size).toBe(3);
  });

  it('changes nothing when run again, and mends a start that died before the public file', () => {
    const before = [...snapshot(), readFileSync(files.paths.publicKeysetPath, 'utf8')];
    rmSync(files.paths.publicKeysetPath);
    expect(generateLocalKeysets(files.dir, { ciphertextExists: true })).toEqual(files.paths);
    expect([...snapshot(), readFileSync(files.paths.publicKeysetPath, 'utf8')]).toEqual(before);
  });

  it('makes no new key in the place of a lost one', () => {
    rmSync(privatePath);
    const again = attempt(() => generateLocalKeysets(files.dir, { ciphertextExists: true }));
    expect(again).toMatch(
      /is missing, but sealed secrets are stored: restore the file from your backup. No new key is made/,
    );
    expect(readdirSync(dirname(privatePath))).toEqual([]);
  });

  it('puts a new key before the older ones on request, of one purpose, and tells those who seal', async () => {
    const before = snapshot();
    const old = await createKms(files.config(), 'seal', { env: 'test' }).describe('primary', 'call');
    files.addPrimary('call');
    expect(snapshot().map((text, at) => text === before[at])).toEqual([false, true, true]);
    const seal = createKms(files.config(), 'seal', { env: 'test' });
    expect((await seal.describe('primary', 'call')).ref).not.toBe(old.ref);
    expect(await seal.describe(old.ref, 'call')).toEqual(old);
    expect(boot({ storedRefs: [old.ref] })).toBe('booted');
    expect(statSync(privatePath).mode & 0o777).toBe(0o600);
  });
});
