import { countIn, flagIn, largestOf, modelIn } from '../body/asked-fields.js';
import type { JsonMembers } from '../body/json-members.js';
import { countAt, isObject, objectAt, objectsAt, textAt, type Json } from '../body/json-walk.js';
import { dataOf } from '../relay/sse-event.js';
import type { AskedCall, SaidEvent, SaidPiece, WireOperation } from '../wire.js';
import { hasTools, toolFacts } from './tools.js';
import { chatUsage } from './usage.js';

export const OPENAI_HEADERS = ['openai-beta'];
/** Members of a delta that are text. */
const TEXTS = ['content', 'reasoning_content', 'reasoning', 'refusal'];

/** `POST /v1/chat/completions` (platform.openai.com/docs/api-reference/chat). */
export const openaiChat: WireOperation = {
  id: 'openai.chatCompletions',
  wire: 'openai',
  permission: 'agentRuns:CreateAgentRun',
  isMetered: true,
  passedHeaders: OPENAI_HEADERS,
  upstreamPath: () => '/chat/completions',
  usage: chatUsage,

  read(body: JsonMembers): AskedCall {
    return {
      body,
      model: modelIn(body),
      stream: flagIn(body, 'stream'),
      hasTools: hasTools(body),
      tools: () => toolFacts(body),
      maxOutputTokens: largestOf(countIn(body, 'max_completion_tokens'), countIn(body, 'max_tokens')),
      answers: countIn(body, 'n') ?? 1,
    };
  },

  /** Usage is asked for in every stream, since it is metered. */
  upstreamBody({ body, model: named, stream }, { model, provider, maxOutputTokens, changed }) {
    const options = changed['stream_options'] ?? body.value('stream_options');
    const end = provider === 'openai' ? 'max_completion_tokens' : 'max_tokens';
    return body.with({
      ...changed,
      ...(model !== named && { model }),
      ...(maxOutputTokens !== null && { [end]: maxOutputTokens }),
      ...(stream &&
        !wantsUsage(body) && {
          stream_options: { ...(isObject(options) ? options : {}), include_usage: true },
        }),
    });
  },

  isOurs(event, { body }) {
    // Only the last event of a stream has no choices.
    if (
      wantsUsage(body) ||
      !event.includes('"usage"') ||
      !/"choices"\s*:\s*\[\s*\]/.test(event.toString('latin1'))
    )
      return false;
    const data = dataOf(event);
    return (
      isObject(data) &&
      isObject(data['usage']) &&
      Array.isArray(data['choices']) &&
      data['choices'].length === 0
    );
  },

  said(event: unknown): SaidEvent {
    const choices = objectsAt(event, 'choices');
    const closes = choices.flatMap((choice) =>
      textAt(choice, 'finish_reason') === undefined ? [] : [`${countAt(choice, 'index') ?? 0}:`],
    );
    return { pieces: choices.flatMap(piecesOf), closes };
  },
};

function wantsUsage(body: JsonMembers): boolean {
  if (!body.has('stream_options')) return false;
  return objectAt({ options: body.value('stream_options') }, 'options')['include_usage'] === true;
}

function piecesOf(choice: Json): SaidPiece[] {
  const index = countAt(choice, 'index') ?? 0;
  const delta = objectAt(choice, 'delta');
  const said = TEXTS.flatMap((name) => pieceAt(delta, name, `${index}:${name}`));
  const calls = objectsAt(delta, 'tool_calls').flatMap((call, place) =>
    pieceAt(objectAt(call, 'function'), 'arguments', `${index}:call ${countAt(call, 'index') ?? place}`),
  );
  return [...said, ...calls];
}

/** The member as a piece of text, where it is one. */
export function pieceAt(holder: Json, name: string, channel: string): SaidPiece[] {
  const text = holder[name];
  if (typeof text !== 'string') return [];
  return [{ channel, text, replace: (safe) => void (holder[name] = safe) }];
}
