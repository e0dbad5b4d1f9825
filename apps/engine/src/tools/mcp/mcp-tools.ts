import { ClavigerError, type AuthorisedState } from '#lib/contracts';
import type { GateCheck } from '../../keys/fence.js';
import type { ToolSpec } from '../../pipeline/agent-spec.js';
import { asksFirst, serverOf } from '../assert-tools.js';
import { runTool } from '../run-tool.js';
import type { OpenTools } from '../tools-asked.js';
import { askServer } from './ask-server.js';
import { assertAllowed, assertNamed, noteMild } from './mcp-faults.js';
import { exposedNames } from './mcp-names.js';
import type { McpSession } from './mcp-session.js';
import type { McpAsked, McpPlace } from './mcp-types.js';

/** The servers that these tools name. Throws not_found for one that the workspace was not handed. */
export function mcpPlaces(state: AuthorisedState, tools: readonly ToolSpec[]): McpPlace[] {
  return tools.flatMap((spec, index) =>
    spec.type === 'mcp' ? [{ index, spec, server: serverOf(state, spec.serverId, index) }] : [],
  );
}

/**
 * Asks every server of a run what tools it has, all at once, and makes tools of those that the agent wants. Throws where one cannot be
 * asked, lacks a tool that is named, or brings one that a policy refuses: the model was told of nothing then.
 */
export async function openMcpTools(
  asked: McpAsked,
): Promise<Pick<OpenTools, 'tools' | 'check'> & { close(): void }> {
  const { places, plan, sink, inspection, carried } = asked;
  if (places.length === 0) return { tools: [], check: asked.check, close: () => undefined };
  const sessions: McpSession[] = [];
  const close = (): void => sessions.forEach((session) => session.close());
  const check: GateCheck = (state) => {
    asked.check(state);
    for (const place of places) assertSame(state, place);
  };
  try {
    const beforeSend = asked.fenceOf(check);
    const answers = await Promise.allSettled(
      places.map((place) => askServer(place, { ...asked, beforeSend, onOpen: (one) => sessions.push(one) })),
    );
    const listed = answers.flatMap((answer) => {
      if (answer.status === 'rejected') throw answer.reason;
      return answer.value;
    });
    const taken = plan.request.agent.tools.flatMap((tool) => (tool.type === 'mcp' ? [] : [tool.name]));
    const names = exposedNames(
      listed.map(({ place, own }) => ({ server: place.server.name, tool: own })),
      taken,
    );
    assertNamed(plan.request.agent, [...taken, ...names], listed.length);
    assertAllowed(plan.state.policies, listed);
    noteMild(plan.state.policies, listed, asked.noted);
    const tools = listed.map(({ place: { spec }, own, session, description, inputSchema }, index) =>
      runTool(
        {
          ...{ name: names[index] ?? own, description, inputSchema },
          needsApproval: asksFirst(plan.state, spec),
          place: { kind: 'mcp', mcp: { serverId: spec.serverId, tool: own } },
        },
        (input, signal) => session.call(own, input, signal),
        { sink, inspection, carried },
      ),
    );
    return { tools, close, check: (state) => (check(state), assertAllowed(state.policies, listed)) };
  } catch (error) {
    close();
    throw error;
  }
}

/** A server that leads elsewhere by now, carries something else, or may not be called unasked any more, is not the one that the run began with. */
function assertSame(state: AuthorisedState, { spec, index, server }: McpPlace): void {
  const now = serverOf(state, spec.serverId, index);
  const isStricter = now.approval === 'always' && server.approval !== 'always';
  if (now.url !== server.url || now.secretId !== server.secretId || (isStricter && !spec.needsApproval))
    throw new ClavigerError(
      'not_found',
      `The MCP server "${server.name}" was changed while the run went on.`,
    );
}
