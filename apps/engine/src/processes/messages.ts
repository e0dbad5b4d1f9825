/** What the processes of one engine say to each other over the channel between them. */
export type ToChild =
  /** Take nothing new, end what is under way, then end; `withinMs` from now at the latest. */
  { claviger: 'retire'; withinMs: number } | { claviger: 'metrics'; id: number };

export type ToPrimary = { claviger: 'listening' } | { claviger: 'metrics'; id: number; metrics: unknown };

/** When a new process begins to take calls: at once (its `/readyz` tells whether it can serve), or once it is ready. */
export const TAKES_CALLS = ['at-once', 'when-ready'] as const;
export type TakesCalls = (typeof TAKES_CALLS)[number];

/** Undefined: none of ours. */
export function toChild(message: unknown): ToChild | undefined {
  const { claviger, withinMs, id } = membersOf(message);
  if (claviger === 'retire' && typeof withinMs === 'number') return { claviger, withinMs };
  if (claviger === 'metrics' && typeof id === 'number') return { claviger, id };
  return undefined;
}

/** Undefined: none of ours. The primary believes a child nothing else than this. */
export function toPrimary(message: unknown): ToPrimary | undefined {
  const { claviger, id, metrics } = membersOf(message);
  if (claviger === 'listening') return { claviger };
  if (claviger === 'metrics' && typeof id === 'number') return { claviger, id, metrics };
  return undefined;
}

function membersOf(message: unknown): Record<string, unknown> {
  return typeof message === 'object' && message !== null ? { ...message } : {};
}
