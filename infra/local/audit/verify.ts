import { PLATFORM, PLATFORM_ORG } from '#lib/contracts';
import { isId } from '#lib/kernel';
import { CheckpointStore, verifyAuditChain, type AuditVerdict, type PgPool } from '#lib/persistence';
import type { Evidence } from './checkpoints.js';

/** What was found about one organization. */
export interface Finding {
  orgId: string;
  verdict: AuditVerdict;
  /** How many checkpoints it was compared with. */
  checkpoints: number;
}

/**
 * Recomputes the audit chain of every organization and of the platform (or of one) and compares it with its checkpoints. Organizations that
 * only the checkpoints know of are looked for as well: a whole log may have been removed.
 */
export async function verifyDatabase(pool: PgPool, evidence: Evidence, orgId?: string): Promise<Finding[]> {
  const known = orgId ? [orgId] : await new CheckpointStore(pool).orgs();
  const outside = orgId ? [] : [...evidence.heads.keys()].filter((id) => isId('org', id));
  const findings: Finding[] = [];
  for (const id of new Set([...known, ...outside])) {
    const heads = evidence.heads.get(id) ?? [];
    const verdict = await verifyAuditChain(pool, id, heads);
    findings.push({ orgId: id, verdict, checkpoints: heads.length });
  }
  return findings;
}

/** One line for people. */
export function describe({ orgId, verdict, checkpoints }: Finding): string {
  const compared = checkpoints === 0 ? 'no checkpoint to compare with' : `${checkpoints} checkpoints`;
  const whose = orgId === PLATFORM_ORG ? PLATFORM : orgId;
  return verdict.ok
    ? `${whose}  ok, ${verdict.head.seq} events, ${compared}`
    : `${whose}  BAD, first bad sequence number ${verdict.firstBadSeq}: ${verdict.reason}`;
}
