import type { RetentionLevel } from '#lib/contracts';
import type { AgentSpec } from '../pipeline/agent-spec.js';
import { mayBeKept } from '../run-queue/kept-request.js';
import { storable } from './storable.js';

/** The most that is kept of what a run was asked, in bytes of JSON: a longer conversation is its caller's to keep. */
const MOST_BYTES = 262_144;

/**
 * What a run is asked, as it is kept with the run so that it can be asked again: as it may go upstream, what a policy redacts
 * redacted. null: a policy keeps less than all of the run, or a header of a tool may be a secret, or it is too long.
 */
export function askedOf(agent: AgentSpec, retention: RetentionLevel): string | null {
  if (!mayBeKept(agent, retention)) return null;
  const asked = JSON.stringify(storable(agent));
  return Buffer.byteLength(asked) <= MOST_BYTES ? asked : null;
}
