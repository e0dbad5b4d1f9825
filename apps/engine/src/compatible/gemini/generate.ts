import { validationFailed } from '#lib/http';
import type { ToolFacts } from '#lib/limits';
import { countOf, largestOf } from '../body/asked-fields.js';
import type { JsonMembers } from '../body/json-members.js';
import { countAt, isObject, objectAt, objectsAt, textAt, type Json } from '../body/json-walk.js';
import { pieceAt } from '../openai/chat.js';
import { UsageWatch, type UsageForm } from '../relay/usage-watch.js';
import type { AskedCall, SaidEvent, WireOperation } from '../wire.js';

const CONFIG = ['generationConfig', 'generation_config'];

/** `POST /gemini/v1beta/models/:model:generateContent` (ai.google.dev/api/generate-content). */
export const geminiGenerate: WireOperation = operation('gemini.generateContent', false);
/** `POST /gemini/v1beta/models/:model:streamGenerateContent`. */
export const geminiStream: WireOperation = operation('gemini.streamGenerateContent', true);

function operation(id: string, stream: boolean): WireOperation {
  return {
    id,
    wire: 'gemini',
    permission: 'agentRuns:CreateAgentRun',
    isMetered: true,
    passedHeaders: [],
    upstreamPath: (model) =>
      `/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    usage,
    read: (body, params) => read(body, params, stream),
    upstreamBody: ({ body }, { maxOutputTokens, changed }) => {
      if (maxOutputTokens === null) return body.with(changed);
      const name = CONFIG.find((candidate) => body.has(candidate)) ?? 'generationConfig';
      const config = isObject(changed[name]) ? changed[name] : objectIn(body, name);
      return body.with({ ...changed, [name]: { ...config, maxOutputTokens } });
    },
    isOurs: () => false,
    said,
  };
}

function read(body: JsonMembers, params: Readonly<Record<string, string>>, stream: boolean): AskedCall {
  if (stream && params['alt'] !== 'sse')
    throw validationFailed([
      {
        pointer: '/alt',
        detail: 'Streams come as server-sent events here: add "?alt=sse", as Google’s own clients do.',
      },
    ]);
  const [camel = {}, snake = {}] = CONFIG.map((name) => objectIn(body, name));
  const counts = [
    camel['maxOutputTokens'],
    camel['max_output_tokens'],
    snake['maxOutputTokens'],
    snake['max_output_tokens'],
  ];
  const answers = [
    camel['candidateCount'],
    camel['candidate_count'],
    snake['candidateCount'],
    snake['candidate_count'],
  ];
  const at = '/generationConfig/maxOutputTokens';
  return {
    body,
    model: params['model'] ?? '',
    stream,
    hasTools: toolFacts(body).length > 0,
    tools: () => toolFacts(body),
    maxOutputTokens: largestOf(...counts.map((count) => countOf(count, at))),
    answers: largestOf(...answers.map((count) => countOf(count, '/generationConfig/candidateCount'))) ?? 1,
  };
}

function objectIn(body: JsonMembers, name: string): Json {
  const value = body.has(name) ? body.value(name) : undefined;
  return isObject(value) ? value : {};
}

/** Functions of the client by name; what Google runs (search, code, URLs) by its member's name. */
function toolFacts(body: JsonMembers): ToolFacts[] {
  const list = body.has('tools') ? body.value('tools') : undefined;
  const tools = Array.isArray(list) ? list.filter(isObject) : isObject(list) ? [list] : [];
  return tools.flatMap((tool) =>
    Object.keys(tool).flatMap((name): ToolFacts[] =>
      /^function_?declarations$/i.test(name)
        ? objectsAt(tool, name).map((fn) => ({ name: textAt(fn, 'name') ?? '', kind: 'client' }))
        : [{ name, kind: 'http' }],
    ),
  );
}

/** Every event says it anew; the last one counts. Thoughts are part of the output here, and beside it on the wire. */
const USAGE: UsageForm = {
  member: 'usageMetadata',
  texts: ['"text":"', '"text": "'],
  tokens: (_, last) => {
    const said = objectAt(last, 'usageMetadata');
    const reasoningTokens = countAt(said, 'thoughtsTokenCount') ?? 0;
    return {
      inputTokens: (countAt(said, 'promptTokenCount') ?? 0) + (countAt(said, 'toolUsePromptTokenCount') ?? 0),
      outputTokens: (countAt(said, 'candidatesTokenCount') ?? 0) + reasoningTokens,
      cachedInputTokens: countAt(said, 'cachedContentTokenCount') ?? 0,
      reasoningTokens,
    };
  },
  model: (_, last) => textAt(last, 'modelVersion'),
  modelMember: 'modelVersion',
};

function usage(): UsageWatch {
  return new UsageWatch(USAGE);
}

function said(event: unknown): SaidEvent {
  const candidates = objectsAt(event, 'candidates');
  const pieces = candidates.flatMap((candidate) => {
    const index = countAt(candidate, 'index') ?? 0;
    return objectsAt(objectAt(candidate, 'content'), 'parts').flatMap((part) =>
      pieceAt(part, 'text', `${index}:${part['thought'] === true ? 'thought' : 'text'}`),
    );
  });
  const closes = candidates.flatMap((candidate) =>
    textAt(candidate, 'finishReason') === undefined ? [] : [`${countAt(candidate, 'index') ?? 0}:`],
  );
  return { pieces, closes };
}
