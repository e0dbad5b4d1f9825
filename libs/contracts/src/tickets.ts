/** What the control plane may ask the execution plane to do with a key; the plaintext never comes back. */
export const TICKET_ACTIONS = ['test', 'list-models'] as const;
export type TicketAction = (typeof TICKET_ACTIONS)[number];

/** Claims of the 30-second Ed25519-signed ticket that the api sends to the engine (API.md, `POST :id/test`). */
export interface EngineTicket {
  orgId: string;
  userId: string;
  aiProviderId: string;
  action: TicketAction;
  /** The version of the key's secret to use, for one that waits to be activated; the active one unless told. */
  secretVersion?: number;
  /** Unix time in seconds. */
  expiresAt: number;
}

export const OWN_KMS_ACTION = 'check-own-kms';

/** The same for a question about a KMS key of the organization's own: can the engine open what the api wraps under it? */
export interface OwnKmsTicket {
  orgId: string;
  userId: string;
  action: typeof OWN_KMS_ACTION;
  kmsRef: string;
  /** A wrapped data key made for this question and bound to it; base 64. */
  probe: string;
  expiresAt: number;
}
export type AnyTicket = EngineTicket | OwnKmsTicket;

/** The engine's answer. A key that can't be opened is an answer; `said` is what the cloud said, without our identities. */
export type OwnKmsCheck = { ok: true } | { ok: false; said: string };
