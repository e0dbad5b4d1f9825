/** One link of the organization's chain (CUSTODY §9), newest first in lists, oldest first in exports. */
export interface AuditEvent {
  id: string;
  seq: number;
  at: Date;
  actor: string;
  action: string;
  target: string;
  requestId: string;
  ip: string | null;
  change: Record<string, unknown>;
  hash: Buffer;
}

/** Which events are asked for; what is left out matches all. */
export interface AuditFilter {
  action?: string;
  actor?: string;
  target?: string;
  from?: Date;
  to?: Date;
}

/** A head that the worker signed. */
export interface SignedHead {
  epoch: number;
  seq: number;
  hash: Buffer;
  at: Date;
  signedBy: string;
  signature: Buffer;
}
