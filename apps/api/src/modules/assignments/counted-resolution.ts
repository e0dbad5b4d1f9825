import { Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import type { ModelChoice, PassedOverKey } from '#lib/catalog';
import type { AuthorisedState, StateAssignment } from '#lib/contracts';
import { UNNAMED_OUTPUT_TOKENS } from '#lib/limits';
import { HeadRoomReader, type Room } from './head-room.js';
import {
  countedGates,
  leastUse,
  outputTokensOf,
  type CountedVerdict,
  type SmallestCall,
} from './counted-gates.js';

type Choice = ModelChoice<StateAssignment>;
type Judged = CountedVerdict & Pick<Room, 'headRoom' | 'quotaRoom'>;

/** The gates that need counters: a call of a choice, as far as it is known, over what is counted in this moment. */
@Injectable()
export class CountedResolution {
  constructor(private readonly rooms: HeadRoomReader) {}

  async judge(
    principal: Principal,
    state: AuthorisedState,
    { assignment, provider, modelInfo }: Choice,
    call: SmallestCall,
    now: Date,
  ): Promise<Judged> {
    const end = outputTokensOf(state, assignment.aiProviderId, call);
    const outputTokens = end ?? UNNAMED_OUTPUT_TOKENS;
    // A text of one character is one token to the rates' own estimate.
    const asked = { tokens: 1 + outputTokens, now };
    const { counts, ...room } = await this.rooms.of(principal, state, assignment, provider, asked);
    return { ...room, ...countedGates(counts, leastUse({ modelInfo }, call, outputTokens), now) };
  }

  /**
   * Of a choice without room, why each key that could have served it does not: a call goes to the key that comes first and to no
   * other, whatever room others have.
   */
  async passedOver(
    principal: Principal,
    state: AuthorisedState,
    candidates: readonly Choice[],
    call: SmallestCall,
    now: Date,
  ): Promise<PassedOverKey[]> {
    const told: PassedOverKey[] = [];
    for (const choice of candidates) {
      const { aiProviderId, name, provider } = choice.assignment;
      const { refused } = await this.judge(principal, state, choice, call, now);
      const first = candidates[0]!.assignment;
      const detail = `The call goes to the key "${first.name}", which comes first and has no room now. Send "@${aiProviderId}/…" with the request to use this one; an OWNER can change the order under Settings → Workspaces.`;
      const why = refused ?? { gate: 'provider' as const, code: null, detail };
      told.push({ aiProviderId, name, provider, ...why });
    }
    return told;
  }
}
