/** One entry of the append-only log, before the chain numbers and hashes it (CUSTODY §9). Never holds a secret. */
export interface AuditEntry {
  orgId: string;
  /** `usr_…`, `tok_…`, `operator` or `system`. */
  actor: string;
  /** The permission string that was exercised, or a system action. */
  action: string;
  /** The id that was acted on. */
  target: string;
  requestId: string;
  ip: string | null;
  /** Redacted before/after of what changed. */
  change: Record<string, unknown>;
}
