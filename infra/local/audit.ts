import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, loadAuditToolConfig, type AuditToolConfig } from '#lib/config';
import { AppError, isId } from '#lib/kernel';
import {
  CheckpointStore,
  CheckpointVerifier,
  lastEpoch,
  readCheckpoints,
  verifyAuditExport,
} from '#lib/persistence';
import { acknowledgeRestore } from './audit/acknowledge.js';
import { evidenceOf, type Evidence } from './audit/checkpoints.js';
import { withOwner } from './audit/database.js';
import { describe, verifyDatabase } from './audit/verify.js';

const USAGE = `npm run audit -- verify [--org org_…] [--checkpoints file] [--public-key file]
      recomputes the audit chains in the database and compares them with the signed checkpoints
  npm run audit -- verify --export file.ndjson --org org_… [--checkpoints file] [--public-key file]
      does so with an exported log, without a database
  npm run audit -- acknowledge-restore --reason "why"
      after an old backup was restored: lets the engine serve again
Exit codes: 0 whole, 1 tampered with or refused, 2 wrong use. See infra/docs/runbooks/audit-log.md.`;

interface Options {
  org?: string;
  checkpoints?: string;
  'public-key'?: string;
  export?: string;
  reason?: string;
}

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ org: { type: 'string' }, checkpoints: { type: 'string' }, 'public-key': { type: 'string' } },
      ...{ export: { type: 'string' }, reason: { type: 'string' } },
    },
  });
  const config = loadAuditToolConfig();
  if (positionals.join() === 'verify')
    return values.export ? verifyFile(config, values) : verify(config, values);
  if (positionals.join() === 'acknowledge-restore' && values.reason) return acknowledge(config, values);
  say(USAGE);
  return 2;
}

async function verify(config: AuditToolConfig, options: Options): Promise<number> {
  if (options.org !== undefined && !isId('org', options.org)) return wrongOrg(options.org);
  const evidence = await readEvidence(config, options);
  const findings = await withOwner(config, (pool) => verifyDatabase(pool, evidence, options.org));
  for (const finding of findings) say(describe(finding));
  return conclude(evidence, findings.filter(({ verdict }) => !verdict.ok).length);
}

async function verifyFile(config: AuditToolConfig, options: Options): Promise<number> {
  const { org: orgId = '', export: file = '' } = options;
  if (!isId('org', orgId)) return wrongOrg(orgId);
  const evidence = await readEvidence(config, options);
  const heads = evidence.heads.get(orgId) ?? [];
  const verdict = await verifyAuditExport(readFileSync(file, 'utf8').split('\n'), orgId, heads);
  say(describe({ orgId, verdict, checkpoints: heads.length }));
  return conclude(evidence, verdict.ok ? 0 : 1);
}

async function acknowledge(config: AuditToolConfig, options: Options): Promise<number> {
  const { path, verifier } = where(config, options);
  const outside = await lastEpoch(path, verifier, config.deployment);
  return withOwner(config, async (pool) => {
    const here = await new CheckpointStore(pool).epoch();
    if (here >= outside) {
      say(`Nothing to acknowledge: the database's epoch is ${here}, the checkpoint file's ${outside}.`);
      return 1;
    }
    const { epoch, restoredTo, orgs } = await acknowledgeRestore(pool, outside, options.reason ?? '');
    say(
      `Acknowledged: epoch ${restoredTo} was restored over ${outside}; it goes on at ${epoch}. The logs of ${orgs} organizations say so.`,
    );
    return 0;
  });
}

async function readEvidence(config: AuditToolConfig, options: Options): Promise<Evidence> {
  const { path, verifier } = where(config, options);
  const evidence = evidenceOf(await readCheckpoints(path, verifier), config.deployment);
  for (const restore of evidence.restores) say(`note: ${restore}`);
  for (const number of evidence.bad) say(`BAD  line ${number} of ${path} is not signed by a known key`);
  return evidence;
}

function where(config: AuditToolConfig, options: Options) {
  const path =
    options.checkpoints ?? config.checkpointsPath ?? join(config.dataDir, 'checkpoints/audit.ndjson');
  const key =
    options['public-key'] ?? config.publicKeyPath ?? join(config.dataDir, 'keys/audit-check/public.pem');
  return { path: resolve(path), verifier: new CheckpointVerifier(readFileSync(resolve(key), 'utf8')) };
}

function conclude(evidence: Evidence, bad: number): number {
  const compared = [...evidence.heads.values()].reduce((sum, heads) => sum + heads.length, 0);
  if (compared === 0) say('note: without checkpoints, a cut end or a chain written anew cannot be told.');
  return bad > 0 || evidence.bad.length > 0 ? 1 : 0;
}

function wrongOrg(orgId: string): number {
  say(`"${orgId}" is not the id of an organization: give one like org_01….`);
  return 2;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof AppError || error instanceof Error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
