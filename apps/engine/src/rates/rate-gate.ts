import { Inject, Injectable } from '@nestjs/common';
import { RATE_METRICS, type AuthorisedState } from '#lib/contracts';
import { requestContext } from '#lib/http';
import type { Clock } from '#lib/kernel';
import {
  KeySlots,
  RateLimiter,
  scopesOf,
  slotScope,
  UNNAMED_OUTPUT_TOKENS,
  type RateScope,
  type RateTiming,
} from '#lib/limits';
import { StateCache } from '../keys/state-cache.js';
import type { CallRequest } from '../pipeline/call-plan.js';
import type { Choice } from '../pipeline/decide.js';
import { estimatedTokens, tokensIn } from '../pipeline/estimate.js';
import { CLOCK } from '../tokens.js';
import { CallRates } from './call-rates.js';

/** Injection token of the `RateTiming`. */
export const RATE_TIMING = Symbol('RATE_TIMING');

type LimitedCall = Pick<CallRequest, 'agent' | 'stateKey' | 'relayed'>;

const WINDOW_SECONDS = { rpm: 60, tpm: 60, rpd: 86_400 };

/** The last gate before a call is sent: is there room in the rates of its key, its token and its provider? */
@Injectable()
export class RateGate {
  constructor(
    private readonly limiter: RateLimiter,
    private readonly slots: KeySlots,
    private readonly states: StateCache,
    @Inject(RATE_TIMING) private readonly timing: RateTiming,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The call's rates, with a permit for its first request if there is room at once. A judge's call is the policy's, not its
   * caller's: it counts against no token, and its limits are not told.
   * @throws ClavigerError rate_limited, overloaded
   */
  async admit(
    request: LimitedCall,
    state: AuthorisedState,
    choice: Choice,
    of: 'run' | 'judge' = 'run',
  ): Promise<CallRates> {
    const rates = this.ratesOf(request, state, choice, of);
    await rates.admit();
    return rates;
  }

  /** The same without a permit: whoever begins the call admits it. */
  ratesOf(
    request: LimitedCall,
    state: AuthorisedState,
    choice: Choice,
    of: 'run' | 'judge' = 'run',
  ): CallRates {
    const { agent, stateKey, relayed } = request;
    const { assignment, provider } = choice;
    const outputTokens = (agent.maxOutputTokens ?? UNNAMED_OUTPUT_TOKENS) * (relayed?.answers ?? 1);
    const inputTokens = relayed ? tokensIn(relayed.bytes) : estimatedTokens(agent, 0).inputTokens;
    return new CallRates({
      limiter: this.limiter,
      scopes: () => {
        const scopes = scopesOf(this.states.peek(stateKey) ?? state, assignment, provider);
        return of === 'run' ? scopes : scopes.filter(({ kind }) => kind !== 'token');
      },
      slot: async (options) => {
        const scope = slotScope(this.states.peek(stateKey) ?? state, assignment);
        return scope && this.slots.acquire(scope, options);
      },
      hasSlots: () => slotScope(this.states.peek(stateKey) ?? state, assignment) !== null,
      firstTokens: inputTokens + outputTokens,
      outputTokens,
      monotonicMs: () => this.timing.monotonicMs(),
      sleep: (ms, signal) => this.timing.sleep(ms, signal),
      random: Math.random,
      now: () => this.clock.now(),
      deadlineMs: this.timing.monotonicMs() + agent.timeoutMs,
      ...(of === 'run' && { asked: () => this.#tell(scopesOf(state, assignment, provider)) }),
    });
  }

  /** `RateLimit` headers: one for each limit that the call counts against. */
  #tell(scopes: RateScope[]): void {
    for (const metric of RATE_METRICS) {
      for (const { scope, left } of this.limiter.left(scopes, metric)) {
        const quota = scope.limits[metric] ?? 0;
        const remaining = Math.floor(left);
        const windowSeconds = WINDOW_SECONDS[metric];
        requestContext.setRateLimit({ name: `${scope.kind}-${metric}`, quota, windowSeconds, remaining });
      }
    }
  }
}
