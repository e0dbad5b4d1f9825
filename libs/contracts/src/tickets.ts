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
