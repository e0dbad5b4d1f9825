import { Inject, Injectable } from '@nestjs/common';
import type { EgressGuard } from '#lib/egress';
import { fence, type GateCheck } from '../keys/fence.js';
import { KeyLeases } from '../keys/key-lease.js';
import { StateCache } from '../keys/state-cache.js';
import { Spans } from '../spans/spans.js';
import { EGRESS_GUARD } from '../tokens.js';
import { secretsOf } from './assert-tools.js';
import { CarriedSecrets, currentOf } from './carried-secrets.js';
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
    const check: GateCheck = (now) => {
      asked.plan.check(now);
      for (const one of named) currentOf(now, one);
    };
    const carried = new CarriedSecrets(this.leases, this.states, request);
    // What the model may be made to repeat is known before it is asked.
    await carried.use([...named, ...places.map(({ server }) => server)], () => Promise.resolve());
    const fenceOf = (gate: GateCheck) => fence(this.states, request.stateKey, gate);
    const mcp = await openMcpTools({ ...asked, places, carried, check, guard: this.guard, fenceOf });
    try {
      const plain = this.#plainTools(asked, carried, (still) => fenceOf((now) => (check(now), still(now))));
      const tools = this.spans.tools([...plain, ...mcp.tools], request.trace, asked.sink.id);
      return await fn({ tools, secrets: carried.known, check: mcp.check });
    } finally {
      mcp.close();
    }
  }

  #plainTools(
    { plan, sink, inspection }: ToolsAsked,
    carried: CarriedSecrets,
    fenceWith: (still: GateCheck) => () => void | Promise<void>,
  ): RunTool[] {
    const { agent, caller } = plan.request;
    const { guard } = this;
    return agent.tools.flatMap((tool, index): RunTool[] => {
      if (tool.type === 'mcp') return [];
      const { name, description, inputSchema, needsApproval = false } = tool;
      const place = { kind: tool.type, mcp: null };
      const own = { name, description, inputSchema, needsApproval, place };
      if (tool.type === 'client') return [own];
      const named = secretsOf(plan.state, tool, index);
      const call: ToolCall = (input, signal) =>
        carried.use(named, (values, still) => {
          const secrets = new Map(named.map((one) => [one.name, values.get(one.secretId ?? '') ?? '']));
          const way = { guard, orgId: caller.orgId, beforeSend: fenceWith(still), secrets };
          return callHttpTool(tool, input, { ...way, signal });
        });
      return [runTool(own, call, { sink, inspection, carried })];
    });
  }
}
