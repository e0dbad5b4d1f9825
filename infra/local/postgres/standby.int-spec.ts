import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { writeFileSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#lib/kernel';
import {
  assertPrimary,
  AuthorisedStateReader,
  migrate,
  PersistenceModule,
  PgPool,
  roleUrl,
} from '#lib/persistence';
import { clusterFolders } from './folders.js';
import { databaseUser } from './database-user.js';
import { startPostgres, takeBaseBackup, unpackBaseBackup, type RunningPostgres } from './index.js';

const NOBODY = {
  principal: { tokenHash: Buffer.alloc(32) },
  workspaceId: 'ws_01h455vb4pex5vsknk084sn02q',
};

describe('a standby', () => {
  let root: string;
  let primary: RunningPostgres;
  let standby: RunningPostgres;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'claviger-standby-'));
    await chmod(root, 0o755);
    primary = await startPostgres({ dataDir: join(root, 'primary') });
    await migrate(primary.superuserUrl);
    const archive = join(root, 'base.tar.gz');
    await takeBaseBackup(primary.superuserUrl, archive);
    const { password } = new URL(primary.superuserUrl);
    const copy = join(root, 'standby');
    await unpackBaseBackup(archive, copy, decodeURIComponent(password));
    const user = await databaseUser();
    const { cluster } = await clusterFolders(copy, user, false);
    // A server that replays what its primary sends, and answers questions meanwhile.
    writeFileSync(join(cluster, 'standby.signal'), '');
    if (user) await chown(join(cluster, 'standby.signal'), user.uid, user.gid);
    standby = await startPostgres({ dataDir: copy });
  });
  afterAll(async () => {
    await standby?.stop();
    await primary?.stop();
    await rm(root, { recursive: true, force: true });
  });

  const engineOf = (server: RunningPostgres) => roleUrl(server.superuserUrl, 'claviger_engine');
  const bootOn = (server: RunningPostgres) =>
    Test.createTestingModule({
      imports: [PersistenceModule.forRoot({ databaseUrl: engineOf(server), role: 'claviger_engine' })],
    }).compile();
  async function read(server: RunningPostgres): Promise<unknown> {
    const pool = new PgPool({ databaseUrl: engineOf(server), max: 1 });
    try {
      return await new AuthorisedStateReader(pool, systemClock).read([NOBODY]);
    } finally {
      await pool.close();
    }
  }

  it('is one: it answers, in recovery', async () => {
    const pool = new PgPool({ databaseUrl: standby.superuserUrl, max: 1 });
    const { rows } = await pool.query(
      'SELECT pg_is_in_recovery() AS standby, count(*)::int AS orgs FROM orgs',
    );
    await pool.close();
    expect(rows).toEqual([{ standby: true, orgs: 0 }]);
  });

  it('authorises nothing, though it has the whole state: the answer itself says where it is from', async () => {
    expect(await read(primary)).toMatchObject([{ principal: null }]);
    await expect(read(standby)).rejects.toMatchObject({
      code: 'overloaded',
      message: expect.stringMatching(/is a standby.*DATABASE_URL/),
    });
  });

  it('is refused by name at boot, before anything is served', async () => {
    await expect(bootOn(standby)).rejects.toThrow(/is a standby/);
    const engine = await bootOn(primary);
    expect(await engine.get(AuthorisedStateReader).read([NOBODY])).toMatchObject([{ principal: null }]);
    await engine.close();
  });

  it('is given up with each new connection, by name, where nothing asks the answers', async () => {
    const databaseUrl = engineOf(standby);
    const pool = new PgPool({ databaseUrl, max: 1, onConnect: assertPrimary });
    for (let attempt = 0; attempt < 3; attempt += 1)
      await expect(pool.ping()).rejects.toThrow(/is a standby/);
    await pool.close();
    const onPrimary = new PgPool({ databaseUrl: engineOf(primary), max: 1, onConnect: assertPrimary });
    await onPrimary.ping();
    await onPrimary.close();
  });

  it('serves once it is promoted', async () => {
    const pool = new PgPool({ databaseUrl: standby.superuserUrl, max: 1 });
    expect((await pool.query('SELECT pg_promote() AS done')).rows).toEqual([{ done: true }]);
    await pool.close();
    const engine = await bootOn(standby);
    await engine.close();
    expect(await read(standby)).toMatchObject([{ principal: null }]);
  });
});
