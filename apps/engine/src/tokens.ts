/** Injection token of the `Clock`. */
export const CLOCK = Symbol('CLOCK');
/** Injection token of this process's own id (a UUID): runs name the process that runs them. */
export const ENGINE_ID = Symbol('ENGINE_ID');
/** Injection token of the PEM of the key that checks the control plane's tickets. */
export const TICKET_PUBLIC_KEY = Symbol('TICKET_PUBLIC_KEY');
/** Injection token of the `EgressGuard`. */
export const EGRESS_GUARD = Symbol('EGRESS_GUARD');
/** Injection token of the `Opener` of provider keys. */
export const OPENER = Symbol('OPENER');
/** Injection token of the `RunSlots`. */
export const RUN_SLOTS = Symbol('RUN_SLOTS');

/** How many queued runs are under way at once: in this process, and of one workspace over all of them. */
export interface RunSlots {
  perProcess: number;
  perWorkspace: number;
}
/** Injection token of the `ShutdownGrace`. */
export const SHUTDOWN_GRACE = Symbol('SHUTDOWN_GRACE');

/** How long a stopping process lets its runs go on, in milliseconds. */
export interface ShutdownGrace {
  ms: number;
}
/** Injection token of the `Pauses`. */
export const PAUSES = Symbol('PAUSES');

/** How long a paused run waits for an answer, in milliseconds. */
export interface Pauses {
  ms: number;
}
