import type { CompiledRules } from './compile-rules.js';
import { ValueInspector, type Reading, type ValueInspection } from './inspect-value.js';
import { TURNS } from './turns.js';

/** What a call says to a model: the members of an agent that are read by it. Others stay as they are. */
export interface AgentTexts {
  system?: string | undefined;
  prompt?: string | undefined;
  messages?: { role: string; content: unknown }[] | undefined;
  tools?: { description?: string | undefined }[] | undefined;
}

/**
 * Inspects what goes to the model: instructions, prompt, messages (tool outputs and tool calls included) and the descriptions of tools.
 * Pointers are those of the `agent` of a request. URLs, headers and schemas are not texts for the model to repeat, and stay.
 */
export function inspectAgent<T extends AgentTexts>(
  rules: CompiledRules,
  agent: T,
): Promise<ValueInspection<T>> {
  return TURNS.run(readAgent(rules, agent));
}

function* readAgent<T extends AgentTexts>(rules: CompiledRules, agent: T): Reading<ValueInspection<T>> {
  const inspector = new ValueInspector(rules, 'input');
  const { system, prompt, messages, tools } = agent;
  const safe: AgentTexts = {};
  if (system !== undefined) safe.system = yield* inspector.text(system, '/system');
  if (prompt !== undefined) safe.prompt = yield* inspector.text(prompt, '/prompt');
  if (messages) {
    safe.messages = [];
    for (const [index, message] of messages.entries())
      safe.messages.push({ ...message, ...(yield* texts(inspector, message, `/messages/${index}`)) });
  }
  if (tools) {
    safe.tools = [];
    for (const [index, tool] of tools.entries())
      safe.tools.push(yield* described(inspector, tool, `/tools/${index}/description`));
  }
  return { findings: inspector.findings, value: { ...agent, ...safe }, verdict: inspector.verdict };
}

function* described<T extends { description?: string | undefined }>(
  inspector: ValueInspector,
  tool: T,
  pointer: string,
): Reading<T> {
  const { description } = tool;
  return description === undefined
    ? tool
    : { ...tool, description: yield* inspector.text(description, pointer) };
}

/** Content, and the inputs of tool calls that an assistant's message may carry; ids, names and roles are not content. */
function* texts(
  inspector: ValueInspector,
  message: object,
  pointer: string,
): Reading<Record<string, unknown>> {
  const safe: Record<string, unknown> = {};
  if ('content' in message) safe.content = yield* parts(inspector, message.content, `${pointer}/content`);
  if ('toolCalls' in message)
    safe.toolCalls = yield* parts(inspector, message.toolCalls, `${pointer}/toolCalls`);
  return safe;
}

const IDENTIFIERS = new Set(['toolCallId', 'name', 'type']);

/** A string, or the parts of a message: in each part everything but what identifies it. */
function* parts(inspector: ValueInspector, content: unknown, pointer: string): Reading<unknown> {
  if (!Array.isArray(content)) return yield* inspector.value(content, pointer);
  const items: unknown[] = content;
  const safe: unknown[] = [];
  for (const [index, part] of items.entries()) {
    const at = `${pointer}/${index}`;
    if (typeof part !== 'object' || part === null) {
      safe.push(yield* inspector.value(part, at));
      continue;
    }
    const members: [string, unknown][] = [];
    for (const [name, member] of Object.entries(part))
      members.push([name, IDENTIFIERS.has(name) ? member : yield* inspector.value(member, `${at}/${name}`)]);
    safe.push(Object.fromEntries(members));
  }
  return safe;
}
