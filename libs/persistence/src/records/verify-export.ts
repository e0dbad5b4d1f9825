import { toUuid } from '#lib/kernel';
import { ChainWalk, type AuditCheckpoint, type AuditVerdict, type ChainRecord } from './audit-chain.js';

/** What a line holds beside `change`, which is hashed as the text that it is. */
interface ExportLine {
  id: string;
  orgId: string;
  seq: number;
  at: string;
  actor: string;
  action: string;
  target: string;
  requestId: string;
  ip: string | null;
  hash: string;
}

/** Unescaped quotes are never inside of a string, so this is where the last field begins. */
const CHANGE = ',"change":';

/**
 * Recomputes the chain of an exported log (NDJSON of `GET /audit-events/export`, unfiltered) without a database.
 * `checkpoints` are of the time of the export: what they know of and the file lacks counts as cut off.
 */
export async function verifyAuditExport(
  lines: AsyncIterable<string> | Iterable<string>,
  orgId: string,
  checkpoints: AuditCheckpoint[] = [],
): Promise<AuditVerdict> {
  const walk = new ChainWalk(toUuid(orgId), checkpoints);
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const record = recordOf(line, orgId);
    const fault = record ? walk.step(record) : walk.bad('the line is not an event of this organization');
    if (fault) return fault;
  }
  return walk.end();
}

function recordOf(line: string, orgId: string): ChainRecord | undefined {
  const at = line.indexOf(CHANGE);
  if (at < 0 || !line.trimEnd().endsWith('}')) return undefined;
  try {
    const event = JSON.parse(`${line.slice(0, at)}}`) as ExportLine;
    if (event.orgId !== orgId) return undefined;
    return {
      seq: String(event.seq),
      id: toUuid(event.id),
      at_micros: microsOf(event.at),
      actor: event.actor,
      action: event.action,
      target: event.target,
      request_id: event.requestId,
      ip: event.ip,
      change: line.trimEnd().slice(at + CHANGE.length, -1),
      hash: Buffer.from(event.hash, 'hex'),
    };
  } catch {
    return undefined;
  }
}

/** `2027-01-31T12:00:00.123456Z` in microseconds since 1970. */
function microsOf(at: string): string {
  const [, whole, micros = ''] = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(at) ?? [];
  return String(BigInt(Date.parse(`${whole}Z`)) * 1000n + BigInt(micros.padEnd(6, '0')));
}
