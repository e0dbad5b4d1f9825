import { ClavigerError } from '#lib/contracts';
import { asClavigerError, validationFailed } from '#lib/http';
import type { Scrubber } from '#lib/providers';
import { inputSchemaOf } from './mcp-content.js';
import type { McpWay } from './mcp-fetch.js';
import { McpSession, sayable } from './mcp-session.js';
import type { ListedTool, McpAsked, McpPlace } from './mcp-types.js';

const LONGEST_DESCRIPTION = 10_000;
/** What goes wrong on the way to a server or in it; anything else is the run's own refusal. */
const OF_THE_SERVER: ReadonlySet<string> = new Set([
  'egress_blocked',
  'upstream_timeout',
  'upstream_error',
  'internal',
]);

export interface ServerAsked extends McpAsked {
  beforeSend: () => void | Promise<void>;
  onOpen: (session: McpSession) => void;
}

/** The tools of one server that the agent wants, as they may be told to a model: without what the server was sent to know us by. */
export async function askServer(place: McpPlace, asked: ServerAsked): Promise<ListedTool[]> {
  const { server, spec, index } = place;
  const { sink, guard, plan, beforeSend, inspection, carried, fenceOf } = asked;
  const withSecret: McpWay['withSecret'] = (send) =>
    carried.use([server], (values, still) =>
      send(server.secretId === null ? null : (values.get(server.secretId) ?? ''), fenceOf(still)),
    );
  try {
    const way = { guard, orgId: plan.request.caller.orgId, beforeSend, withSecret };
    const session = await McpSession.open(server.url, way, sink.signal);
    asked.onOpen(session);
    const all = await session.tools(sink.signal);
    assertThere(spec.tools ?? [], all, { index, server: server.name });
    const wanted = spec.tools ? all.filter(({ name }) => spec.tools?.includes(name)) : all;
    const listed: ListedTool[] = [];
    for (const { name, title, description, inputSchema } of wanted) {
      const said = { description: description ?? title ?? name, inputSchema: inputSchemaOf(inputSchema) };
      const { scrubber } = carried;
      const safe = await inspection.toolAnswer({
        description: scrubber.text(said.description).slice(0, LONGEST_DESCRIPTION),
        inputSchema: scrubbedSchema(said.inputSchema, scrubber),
      });
      listed.push({ place, session, own: name, ...safe });
    }
    return listed;
  } catch (error) {
    sink.signal.throwIfAborted();
    throw failed(server.name, error, carried.scrubber);
  }
}

function scrubbedSchema(schema: Record<string, unknown>, scrubber: Scrubber): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, scrubber.value(value)]));
}

function assertThere(
  wanted: readonly string[],
  all: readonly { name: string }[],
  { index, server }: { index: number; server: string },
): void {
  const faults = wanted.flatMap((name, at) =>
    all.some((tool) => tool.name === name)
      ? []
      : [{ pointer: `/agent/tools/${index}/tools/${at}`, detail: `"${server}" has no tool of this name.` }],
  );
  if (faults.length > 0) throw validationFailed(faults);
}

function failed(server: string, error: unknown, scrubber: Scrubber): ClavigerError {
  const known = asClavigerError(error);
  if (!OF_THE_SERVER.has(known.code)) return known;
  const code = known.code === 'internal' ? 'upstream_error' : known.code;
  const detail = `The MCP server "${server}" could not be asked for its tools: ${scrubber.text(sayable(error))}`;
  return new ClavigerError(code, detail, { cause: error });
}
