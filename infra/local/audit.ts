import { parseArgs } from 'node:util';
import { ConfigError, loadAuditToolConfig, type AuditToolConfig } from '#lib/config';
import { PLATFORM, PLATFORM_ORG } from '#lib/contracts';
import { AppError, isId } from '#lib/kernel';
import { readCheckpoints, verifyAuditExport } from '#lib/persistence';
import { evidenceOf, type Evidence } from './audit/checkpoints.js';
import { withOwner } from './audit/database.js';
import { evidencePlace, readNamed, type PlaceOptions } from './audit/evidence-place.js';
import { acknowledge, beginCheckpoints, noteRestore } from './audit/restored.js';
import { describe, verifyDatabase } from './audit/verify.js';

const USAGE = `npm run audit -- verify [--org org_…|platform] [--checkpoints file] [--public-key file]
      recomputes the audit chains in the database and compares them with the signed checkpoints
  npm run audit -- verify --export file.ndjson --org org_… [--checkpoints file] [--public-key file]
      does so with an exported log, without a database
  npm run audit -- acknowledge-restore --reason "why" [--past epoch]
      after an old backup was restored: lets the installation go on from it
  npm run audit -- note-restore [--taken-at 2026-11-21T03:00:00Z]
      after you restored the database by your own means: nothing is served until you acknowledged it
  npm run audit -- begin-checkpoints --reason "why"
      where the file of checkpoints is lost, or is kept from now on: this database is believed as it is
Exit codes: 0 whole, 1 tampered with or refused, 2 wrong use. See infra/docs/runbooks/audit-log.md.`;

interface Options extends PlaceOptions {
  org?: string;
  export?: string;
  reason?: string;
  past?: string;
  'taken-at'?: string;
}

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ org: { type: 'string' }, checkpoints: { type: 'string' }, 'public-key': { type: 'string' } },
      ...{ export: { type: 'string' }, reason: { type: 'string' } },
      ...{ past: { type: 'string' }, 'taken-at': { type: 'string' } },
    },
  });
  const config = loadAuditToolConfig();
  if (positionals.join() === 'verify')
    return values.export ? verifyFile(config, values) : verify(config, values);
  const done = await restored(positionals.join(), config, values);
  if (done !== undefined) return done;
  say(USAGE);
  return 2;
}

async function restored(
  command: string,
  config: AuditToolConfig,
  options: Options,
): Promise<number | undefined> {
  const { reason, past = '0', 'taken-at': takenAt = 'unknown' } = options;
  const desk = () => ({ config, say, ...evidencePlace(config, options) });
  if (command === 'note-restore') return withOwner(config, (pool) => noteRestore(desk(), pool, takenAt));
  if (!reason || !/^\d{1,15}$/.test(past)) return undefined;
  if (command === 'acknowledge-restore')
    return withOwner(config, (pool) => acknowledge(desk(), pool, reason, Number(past)));
  if (command === 'begin-checkpoints')
    return withOwner(config, (pool) => beginCheckpoints(desk(), pool, reason));
  return undefined;
}

async function verify(config: AuditToolConfig, options: Options): Promise<number> {
  const org = options.org === PLATFORM ? PLATFORM_ORG : options.org;
  if (org !== undefined && !isId('org', org)) return wrongOrg(org);
  const evidence = await readEvidence(config, options);
  const findings = await withOwner(config, (pool) => verifyDatabase(pool, evidence, org));
  for (const finding of findings) say(describe(finding));
  return conclude(evidence, findings.filter(({ verdict }) => !verdict.ok).length);
}

async function verifyFile(config: AuditToolConfig, options: Options): Promise<number> {
  const { org: orgId = '', export: file = '' } = options;
  if (!isId('org', orgId)) return wrongOrg(orgId);
  const evidence = await readEvidence(config, options);
  const heads = evidence.heads.get(orgId) ?? [];
  const log = readNamed(
    file,
    'exported log',
    'give the path of a file from GET /api/v1/audit-events/export.',
  );
  const verdict = await verifyAuditExport(log.split('\n'), orgId, heads);
  say(describe({ orgId, verdict, checkpoints: heads.length }));
  return conclude(evidence, verdict.ok ? 0 : 1);
}

async function readEvidence(config: AuditToolConfig, options: Options): Promise<Evidence> {
  const { path, verifier } = evidencePlace(config, options);
  const evidence = evidenceOf(await readCheckpoints(path, verifier), config.deployment);
  for (const restore of evidence.restores) say(`note: ${restore}`);
  for (const number of evidence.bad) say(`BAD  line ${number} of ${path} is not signed by a known key`);
  return evidence;
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
