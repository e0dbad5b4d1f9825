import { Injectable } from '@nestjs/common';
import { notFound, type AgentRunAnswer, type AuthorisedState, type ClavigerError } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import { AgentRunsService } from '../agent-runs/agent-runs.service.js';
import type { StartedRun, StartRun } from '../agent-runs/start-run.js';
import { StateCache } from '../keys/state-cache.js';
import { assertTools } from '../tools/assert-tools.js';

/** Waits for the answer of a run that was started; its caller's leaving stops it. */
export type AnswerOf = (started: StartedRun) => Promise<AgentRunAnswer>;

/** Runs one agent on several models at once: each is a run of its own, and no failure of one is another's (PRODUCT #36). */
@Injectable()
export class CompareService {
  constructor(
    private readonly runs: AgentRunsService,
    private readonly states: StateCache,
  ) {}

  /**
   * The runs' answers, or why there is none, in the order of `starts`. One after the other they begin, which takes milliseconds; then all
   * are under way at once. Throws `not_found` for a key or MCP server that the workspace does not have, `idempotency_mismatch` for another comparison
   * of this id.
   */
  async compare(starts: StartRun[], answerOf: AnswerOf): Promise<(AgentRunAnswer | ClavigerError)[]> {
    await this.#assertOurs(starts);
    const answers: Promise<AgentRunAnswer | ClavigerError>[] = [];
    for (const start of starts) {
      try {
        const started = await this.runs.start(start);
        answers.push(answerOf(started).catch(asClavigerError));
      } catch (thrown) {
        const refusal = asClavigerError(thrown);
        if (refusal.code === 'idempotency_mismatch') throw refusal;
        answers.push(Promise.resolve(refusal));
      }
    }
    return Promise.all(answers);
  }

  /** Keys, MCP servers and secrets that are named are the workspace's, or nothing is begun: a foreign id must not tell itself by what others do. */
  async #assertOurs(starts: StartRun[]): Promise<void> {
    const pins = starts.flatMap(({ call }) => /^@(aip_[^/]*)\//.exec(call.agent.model ?? '')?.slice(1) ?? []);
    const call = starts[0]?.call;
    if (!call || (pins.length === 0 && call.agent.tools.length === 0)) return;
    const check = (state: AuthorisedState): void => {
      if (!pins.every((pin) => state.assignments.some(({ aiProviderId }) => aiProviderId === pin)))
        throw notFound();
      assertTools(state, call.agent.tools);
    };
    try {
      check(await this.states.get(call.stateKey));
    } catch {
      // What was assigned a moment ago counts at once.
      check(await this.states.get(call.stateKey, 0));
    }
  }
}
