import { Inject, Injectable } from '@nestjs/common';
import { ClavigerError, type AuthorisedState, type StateSealed } from '#lib/contracts';
import type { EgressGuard } from '#lib/egress';
import { fence, type GateCheck } from '../keys/fence.js';
import { KeyLeases } from '../keys/key-lease.js';
import { StateCache } from '../keys/state-cache.js';
import { Spans } from '../spans/spans.js';
import { EGRESS_GUARD } from '../tokens.js';
import { secretsOf } from './assert-tools.js';
import { callHttpTool } from './http-tool.js';
import { mcpPlaces, openMcpTools } from './mcp/mcp-tools.js';
import { runTool, type ToolCall } from './run-tool.js';
import type { OpenTools, RunTool, ToolsAsked } from './tools-asked.js';

/** Opens what the tools of a run carry, asks MCP servers what they have, and closes all of it when the run is over. */
@Injectable()
export class Toolbox {
  constructor(
    private readonly leases: KeyLeases,
    private readonly states: StateCache,
    @Inject(EGRESS_GUARD) private readonly guard: EgressGuard,
    private readonly spans: Spans,
  ) {}

  /** Throws what a server that cannot be asked comes to, policy_violation, validation_failed, kms_unavailable. */
  async use<T>(asked: ToolsAsked, fn: (open: OpenTools) => Promise<T>): Promise<T> {
    const { state, request } = asked.plan;
    const named = request.agent.tools.flatMap((tool, index) =>
      tool.type === 'http' ? secretsOf(state, tool, index) : [],
    );
    const places = mcpPlaces(state, request.agent.tools);
    const carried = [...named, ...places.map(({ server }) => server)];
    const check: GateCheck = (now) => {
      asked.plan.check(now);
      assertKept(now, named);
    };
    return this.#opened(request.caller.orgId, sealedOnes(carried), async (values) => {
      const fenceOf = (gate: GateCheck) => fence(this.states, request.stateKey, gate);
      const mcp = await openMcpTools({ ...asked, places, values, check, guard: this.guard, fenceOf });
      try {
        const secrets = new Map(named.map(({ name, secretId }) => [name, values.get(secretId ?? '') ?? '']));
        const plain = this.#plainTools(asked, secrets, fenceOf(check));
        const tools = this.spans.tools([...plain, ...mcp.tools], request.trace, asked.sink.id);
        return await fn({ tools, secrets: [...values.values()], check: mcp.check });
      } finally {
        mcp.close();
      }
    });
  }

  #plainTools(
    { plan, sink, inspection }: ToolsAsked,
    secrets: ReadonlyMap<string, string>,
    beforeSend: () => void | Promise<void>,
  ): RunTool[] {
    const { agent, caller } = plan.request;
    const options = { guard: this.guard, orgId: caller.orgId, beforeSend, secrets };
    return agent.tools.flatMap((tool): RunTool[] => {
      if (tool.type === 'mcp') return [];
      const { name, description, inputSchema, needsApproval = false } = tool;
      const place = { kind: tool.type, mcp: null };
      const own = { name, description, inputSchema, needsApproval, place };
      if (tool.type === 'client') return [own];
      const call: ToolCall = (input, signal) => callHttpTool(tool, input, { ...options, signal });
      return [runTool(own, call, { sink, inspection })];
    });
  }

  /** Lends what these secrets say, by id; the bytes are wiped when `fn` is done. */
  async #opened<T>(
    orgId: string,
    [first, ...rest]: readonly StateSealed[],
    fn: (values: Map<string, string>) => Promise<T>,
  ): Promise<T> {
    if (!first) return fn(new Map());
    return this.leases.use(orgId, first, ({ secret }) =>
      this.#opened(orgId, rest, (values) => fn(values.set(first.secretId ?? '', secret.trim()))),
    );
  }
}

/** Each secret once, whatever names it. */
function sealedOnes(carried: readonly StateSealed[]): StateSealed[] {
  const known = new Map(carried.map((one) => [one.secretId, one]));
  return [...known.values()].filter(({ secretId }) => secretId !== null);
}

/** One that was deleted meanwhile is not sent any more, nor is another of its name in its place. */
function assertKept({ toolSecrets }: AuthorisedState, named: readonly StateSealed[]): void {
  const gone = named.find(({ secretId }) => !toolSecrets.some((kept) => kept.secretId === secretId));
  if (gone)
    throw new ClavigerError('not_found', `The secret "${gone.name}" was deleted while the run went on.`);
}
