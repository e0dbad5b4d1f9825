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
  const lengths = fields.map((field) => Buffer.byteLength(field));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, 0));
  let at = 0;
  fields.forEach((field, index) => {
    at = bytes.writeUInt32BE(lengths[index] ?? 0, at);
    at += bytes.write(field, at);
  });
  return sha256('claviger/runs/1\n', bytes).toString('hex');
}
