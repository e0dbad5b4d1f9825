import { validationFailed } from '#lib/http';
import type { TokenUse } from '../../pipeline/cost.js';
import type { JsonMembers } from '../body/json-members.js';
import { countAt, isObject, objectAt, textAt, type Json } from '../body/json-walk.js';
import { UsageWatch, type UsageForm } from '../relay/usage-watch.js';
import type { AskedCall, WireOperation } from '../wire.js';
import { geminiGenerate } from './generate.js';

/** `POST /gemini/v1beta/models/:model:embedContent` (ai.google.dev/api/embeddings). */
export const geminiEmbed: WireOperation = operation('embedContent', '');
/** `POST /gemini/v1beta/models/:model:batchEmbedContents`: each of its requests names the model again. */
export const geminiEmbedBatch: WireOperation = operation('batchEmbedContents', 'requests');
/** `POST /gemini/v1beta/models/:model:countTokens` (ai.google.dev/api/tokens): costs nothing, and is no execution. */
export const geminiCountTokens: WireOperation = {
  ...operation('countTokens', 'generateContentRequest'),
  isMetered: false,
};

/** `member`: where the model's name stands beside the path; the body itself where it is empty. */
function operation(name: string, member: string): WireOperation {
  return {
    ...geminiGenerate,
    id: `gemini.${name}`,
    upstreamPath: (model) => `/models/${encodeURIComponent(model)}:${name}`,
    usage: () => new NothingSaid(USAGE),
    read: (body, params) => read(body, params['model'] ?? '', member),
    upstreamBody: ({ body, model: named }, { model, changed }) => {
      if (model === named) return body.with(changed);
      if (member === '')
        return body.with({ ...changed, ...(body.has('model') && { model: `models/${model}` }) });
      if (!body.has(member)) return body.with(changed);
      const within = changed[member] ?? body.value(member);
      const renamed = Array.isArray(within)
        ? within.map((one: unknown) => withModel(one, model))
        : withModel(within, model);
      return body.with({ ...changed, [member]: renamed });
    },
  };
}

/** What the body names must be what the path names: the gates have looked at that one. */
function read(body: JsonMembers, model: string, member: string): AskedCall {
  const within = member === '' ? { model: body.value('model') } : body.value(member);
  const named = (Array.isArray(within) ? within : [within]).map((one) =>
    isObject(one) ? one['model'] : undefined,
  );
  if (named.some((name) => name !== undefined && name !== `models/${model}` && name !== model))
    throw validationFailed([
      {
        pointer: member === '' ? '/model' : `/${member}`,
        detail: 'Name the same model here as in the path.',
      },
    ]);
  return {
    ...{ body, model, stream: false, hasTools: false },
    // Nothing is said in answer to it.
    ...{ tools: () => [], maxOutputTokens: null, answers: 0 },
  };
}

function withModel(value: unknown, model: string): unknown {
  return isObject(value) ? { ...value, model: `models/${model}` } : value;
}

const USAGE: UsageForm = {
  member: 'usageMetadata',
  texts: [],
  tokens: (_, last) => {
    const said: Json = objectAt(last, 'usageMetadata');
    return { inputTokens: countAt(said, 'promptTokenCount') ?? 0, outputTokens: 0 };
  },
  model: (_, last) => textAt(last, 'modelVersion'),
  modelMember: 'modelVersion',
};

/** Vectors are no words: where their vendor does not count, the input is counted by its length and the output is nothing. */
class NothingSaid extends UsageWatch {
  override known(sentBytes: number): TokenUse {
    return { ...super.known(sentBytes), outputTokens: 0 };
  }
}
