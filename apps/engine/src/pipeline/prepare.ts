import { Inject, Injectable } from '@nestjs/common';
import type { EgressGuard } from '#lib/egress';
import { ClavigerError, type AuthorisedState } from '#lib/contracts';
import { asClavigerError, validationFailed } from '#lib/http';
import type { Clock, FieldFault } from '#lib/kernel';
import { KeyLeases } from '../keys/key-lease.js';
import { StateCache } from '../keys/state-cache.js';
import { CLOCK, EGRESS_GUARD } from '../tokens.js';
import type { HttpToolSpec } from './agent-spec.js';
import type { CallPlan, CallRequest } from './call-plan.js';
import { CatalogueSource } from './catalogue-source.js';
import { assertStill, decide, type Choice } from './decide.js';
import { toolUrlFault } from './tool-request.js';

/** The steps of a call before anything is reserved: each may refuse, and then no socket was opened and no row was written. */
@Injectable()
export class CallPreparation {
  constructor(
    private readonly states: StateCache,
    private readonly catalogues: CatalogueSource,
    private readonly leases: KeyLeases,
    @Inject(EGRESS_GUARD) private readonly egress: EgressGuard,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async prepare(request: CallRequest): Promise<CallPlan> {
    const { state, choice } = await this.#resolve(request);
    await this.#vetTools(request.agent.tools, request.caller.orgId);
    await this.leases.warm(request.caller.orgId, choice.assignment);
    const needsTools = request.agent.tools.length > 0;
    const check = (now: AuthorisedState): void =>
      assertStill(now, this.catalogues.current, choice, needsTools, this.clock.now());
    return { request, state, choice, check };
  }

  /** A refusal by a remembered state is asked again of the database: a key that was assigned a moment ago must work at once. */
  async #resolve(request: CallRequest): Promise<{ state: AuthorisedState; choice: Choice }> {
    const remembered = await this.states.get(request.stateKey);
    try {
      return { state: remembered, choice: this.#decide(remembered, request) };
    } catch (error) {
      if (asClavigerError(error).code === 'validation_failed') throw error;
      const fresh = await this.states.get(request.stateKey, 0);
      return { state: fresh, choice: this.#decide(fresh, request) };
    }
  }

  #decide(state: AuthorisedState, { agent }: CallRequest): Choice {
    const { model, provider, surface, tools } = agent;
    return decide(
      state,
      this.catalogues.current,
      { model, provider, surface, needsTools: tools.length > 0 },
      this.clock.now(),
    );
  }

  /** Tool URLs are judged now, and again whenever they are dialled (PRODUCT #50). */
  async #vetTools(tools: HttpToolSpec[], orgId: string): Promise<void> {
    const faults: FieldFault[] = [];
    for (const [index, tool] of tools.entries()) {
      const pointer = `/agent/tools/${index}/url`;
      const fault = toolUrlFault(tool);
      if (fault) faults.push({ pointer, detail: fault });
      else await this.#vetUrl(tool, orgId, pointer);
    }
    if (faults.length > 0) throw validationFailed(faults);
  }

  async #vetUrl(tool: HttpToolSpec, orgId: string, pointer: string): Promise<void> {
    try {
      await this.egress.checkUrl(tool.url.replace(/\{[^}]*\}/g, 'x'), orgId);
    } catch (error) {
      const { code, message } = asClavigerError(error);
      throw new ClavigerError(code, `Tool "${tool.name}": ${message}`, {
        errors: [{ pointer, detail: message }],
        cause: error,
      });
    }
  }
}
