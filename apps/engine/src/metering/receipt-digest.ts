import { sha256 } from '#lib/kernel';
import type { RunReceipt } from './usage-entry.js';

/**
 * The digest that stands in the audit chain for a batch of runs (CUSTODY §9): SHA-256 over every receipt, each field with its
 * length before it, so that no two batches share one encoding. `run_…` ids of the batch are kept beside it; the rest is in their rows.
 */
export function receiptDigest(receipts: readonly RunReceipt[]): string {
  const fields = receipts.flatMap((receipt) => [
    receipt.runId,
    receipt.principalId,
    receipt.workspaceId,
    receipt.status,
    receipt.code ?? '',
    receipt.aiProviderId ?? '',
    receipt.keyVersion === null ? '' : String(receipt.keyVersion),
    receipt.requestId,
  ]);
  return sha256('claviger/runs/1\n', ...fields.flatMap(prefixed)).toString('hex');
}

function prefixed(field: string): [Buffer, Buffer] {
  const bytes = Buffer.from(field, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}
