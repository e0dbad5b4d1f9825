import { countIn, flagIn, modelIn, refuse } from '../body/asked-fields.js';
import type { JsonMembers } from '../body/json-members.js';
import { isObject, textAt } from '../body/json-walk.js';
import type { AskedCall, SaidEvent, WireOperation } from '../wire.js';
import { OPENAI_HEADERS, pieceAt } from './chat.js';
import { hasTools, toolFacts } from './tools.js';
import { responsesUsage } from './usage.js';

/**
 * Vendors of this protocol that document responses of their own. Of servers that somebody hosts, and of vendors that have it for a single
 * model, nobody knows: chat completions are there in any case.
 */
const HAVE_RESPONSES: ReadonlySet<string> = new Set(['openai', 'xai', 'groq', 'openrouter', 'mistral']);

/** `POST /v1/responses` (platform.openai.com/docs/api-reference/responses). */
export const openaiResponses: WireOperation = {
  id: 'openai.responses',
  wire: 'openai',
  permission: 'agentRuns:CreateAgentRun',
  isMetered: true,
  providers: HAVE_RESPONSES,
  passedHeaders: OPENAI_HEADERS,
  upstreamPath: () => '/responses',
  usage: responsesUsage,

  read(body: JsonMembers): AskedCall {
    refuse(
      body,
      'background',
      'Answers in the background are not available here: what they use would be known to nobody. Leave it out, or use agent runs with "Prefer: respond-async".',
    );
    return {
      body,
      model: modelIn(body),
      stream: flagIn(body, 'stream'),
      hasTools: hasTools(body),
      tools: () => toolFacts(body),
      maxOutputTokens: countIn(body, 'max_output_tokens'),
      answers: 1,
    };
  },

  upstreamBody: ({ body, model: named }, { model, maxOutputTokens, changed }) =>
    body.with({
      ...changed,
      ...(model !== named && { model }),
      ...(maxOutputTokens !== null && { max_output_tokens: maxOutputTokens }),
    }),

  isOurs: () => false,

  /** Every `….delta` goes on a text; `….done` repeats it whole. */
  said(event: unknown): SaidEvent {
    const type = textAt(event, 'type') ?? '';
    if (!isObject(event) || !/\.(delta|done)$/.test(type)) return { pieces: [], closes: [] };
    const place = ['item_id', 'output_index', 'content_index', 'summary_index'].map((name) =>
      String(event[name] ?? ''),
    );
    const channel = `${type.replace(/\.(delta|done)$/, '')} ${place.join(' ')}`;
    return type.endsWith('.done')
      ? { pieces: [], closes: [channel] }
      : { pieces: pieceAt(event, 'delta', channel), closes: [] };
  },
};
