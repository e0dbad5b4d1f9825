import type { Answer, Person } from '../series/people.js';

/** One way of taking away the right to call. */
export interface RevocationKind {
  name: string;
  /** As whom the runs are called: an engine token of the owner's or of an ADMIN's, or the session of a MEMBER with a grant. */
  caller: 'owner-token' | 'admin-token' | 'member-session';
  /** What runs are refused with from then on. Null: they go on, but no longer with what was revoked. */
  refusal: { status: number; code: string } | null;
  /** Takes it away, over the control plane's API. */
  revoke(cell: Cell): Promise<Answer>;
  /** Undone when the cell is over, where the organization is used again. */
  restore?(cell: Cell): Promise<Answer>;
  /** When it was committed, where no audit row of its request tells. */
  commitMs?(): Promise<number>;
  /** Wall-clock time from which on it counts, when that is later than the commit. */
  holdsFromMs?(cell: Cell): number;
}

/** A workspace with one key and one caller, made for one revoke. The secret occurs nowhere else, so it tells whose a send is. */
export interface Cell {
  kind: RevocationKind;
  owner: Person;
  workspaceId: string;
  keyId: string;
  secret: string;
  tokenId: string;
  memberId: string;
  /** What the caller authenticates with. */
  headers: Record<string, string>;
  /** When its key expires, for the kind that lets it. */
  expiresAtMs: number;
}
