import type { NeutralCall, ScriptedAnswer } from '#lib/testing';
import { keyOf } from './tenants.js';

/** The vendor's own log: it greets whose key it was called with, and notes calls that were made for somebody else. */
export class Vendor {
  readonly #owners = new Map<string, string>();
  calls = 0;
  /** Calls that came with no key of the load's, or with another one than that of the secret they were made for. */
  wrongKeys = 0;
  /** Secrets whose key was seen, by id. */
  readonly seen = new Set<string>();

  /** Makes known whose key is which. */
  register(secretIds: readonly string[]): void {
    for (const secretId of secretIds) this.#owners.set(keyOf({ secretId }), secretId);
  }

  readonly answer = (call: NeutralCall): ScriptedAnswer => {
    const owner = this.#owners.get(call.key ?? '');
    this.calls += 1;
    if (owner === undefined || call.lastUserText !== promptFor(owner)) this.wrongKeys += 1;
    if (owner !== undefined) this.seen.add(owner);
    return { text: greetingOf(owner ?? 'nobody') };
  };
}

/** What is asked in the name of a secret. */
export function promptFor(secretId: string): string {
  return `Greet ${secretId}.`;
}

/** What comes back when the vendor was called with that secret's key. */
export function greetingOf(secretId: string): string {
  return `Hello, ${secretId}.`;
}
