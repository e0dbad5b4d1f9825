import type { ToolFacts } from '#lib/limits';
import type { TokenUse } from '../../pipeline/cost.js';
import { countIn, flagIn, modelIn } from '../body/asked-fields.js';
import type { JsonMembers } from '../body/json-members.js';
import { countAt, isObject, objectAt, textAt, type Json } from '../body/json-walk.js';
import { pieceAt } from '../openai/chat.js';
import { UsageWatch, type UsageForm } from '../relay/usage-watch.js';
import type { AskedCall, SaidEvent, WireOperation } from '../wire.js';

const ANTHROPIC_HEADERS = ['anthropic-version', 'anthropic-beta'];

/** `POST /anthropic/v1/messages` (docs.anthropic.com/en/api/messages). */
export const anthropicMessages: WireOperation = {
  id: 'anthropic.messages',
  wire: 'anthropic',
  permission: 'agentRuns:CreateAgentRun',
  isMetered: true,
  passedHeaders: ANTHROPIC_HEADERS,
  upstreamPath: () => '/messages',
  usage: messagesUsage,
  read: readMessages,
  upstreamBody: ({ body, model: named }, { model, maxOutputTokens, changed }) =>
    body.with({
      ...changed,
      ...(model !== named && { model }),
      ...(maxOutputTokens !== null && { max_tokens: maxOutputTokens }),
    }),
  isOurs: () => false,
  said,
};

/** `POST /anthropic/v1/messages/count_tokens`: costs nothing, and is no execution; every gate before the counters holds. */
export const anthropicCountTokens: WireOperation = {
  ...anthropicMessages,
  id: 'anthropic.countTokens',
  isMetered: false,
  upstreamPath: () => '/messages/count_tokens',
  read: (body) => ({ ...readMessages(body), stream: false, answers: 0 }),
  upstreamBody: ({ body, model: named }, { model, changed }) =>
    body.with({ ...changed, ...(model !== named && { model }) }),
};

function readMessages(body: JsonMembers): AskedCall {
  return {
    body,
    model: modelIn(body),
    stream: flagIn(body, 'stream'),
    hasTools: ['tools', 'mcp_servers'].some((name) => listIn(body, name).length > 0),
    tools: () => [
      ...listIn(body, 'tools').map(toolFact),
      ...listIn(body, 'mcp_servers').map((server) => ({
        name: textAt(server, 'name') ?? 'mcp',
        kind: 'mcp',
      })),
    ],
    maxOutputTokens: countIn(body, 'max_tokens'),
    answers: 1,
  };
}

function listIn(body: JsonMembers, name: string): unknown[] {
  const value = body.has(name) ? body.value(name) : undefined;
  return Array.isArray(value) ? value : [];
}

/** A tool with a type other than `custom` is one that Anthropic defines; most of them it runs itself. */
function toolFact(tool: unknown): ToolFacts {
  const type = textAt(tool, 'type') ?? 'custom';
  return type === 'custom'
    ? { name: textAt(tool, 'name') ?? '', kind: 'client' }
    : { name: type, kind: 'http' };
}

/** `message_start` says the input, the last `message_delta` the output. */
const MESSAGES: UsageForm = {
  member: 'usage',
  texts: ['"text":"', '"partial_json":"', '"thinking":"'],
  tokens: (first, last) => {
    const start = objectAt(objectAt(first, 'message'), 'usage');
    const end = objectAt(last, 'usage');
    const usage = { ...start, ...end };
    return Object.keys(usage).length === 0 ? null : tokensOf(usage, 'output_tokens' in end);
  },
  model: (first, last) => textAt(objectAt(first, 'message'), 'model') ?? textAt(last, 'model'),
  modelMember: 'model',
};

function messagesUsage(): UsageWatch {
  return new UsageWatch(MESSAGES);
}

function tokensOf(usage: Json, isOver: boolean): Partial<TokenUse> {
  const cachedInputTokens = countAt(usage, 'cache_read_input_tokens') ?? 0;
  const written = countAt(usage, 'cache_creation_input_tokens') ?? 0;
  return {
    inputTokens: (countAt(usage, 'input_tokens') ?? 0) + cachedInputTokens + written,
    cachedInputTokens,
    ...(isOver && { outputTokens: countAt(usage, 'output_tokens') ?? 0 }),
  };
}

function said(event: unknown): SaidEvent {
  const type = textAt(event, 'type');
  const place = isObject(event) ? (countAt(event, 'index') ?? 0) : 0;
  if (type === 'content_block_stop') return { pieces: [], closes: [`${place}:`] };
  if (type !== 'content_block_delta') return { pieces: [], closes: [] };
  const delta = objectAt(event, 'delta');
  const pieces = ['text', 'partial_json', 'thinking'].flatMap((name) =>
    pieceAt(delta, name, `${place}:${name}`),
  );
  return { pieces, closes: [] };
}
