import { countOf } from '../body/asked-fields.js';
import type { Json } from '../body/json-walk.js';
import { onlyKnown, untranslatable } from './fields.js';

/** Texts to be made vectors of, in no vendor's words. */
export interface AskedEmbeddings {
  texts: string[];
  dimensions: number | undefined;
  /** Whether the vectors are told as base64 of 32-bit floats, as OpenAI's own client asks for them. */
  asBase64: boolean;
}

/** A body of embeddings. Texts that are given as tokens are another model's, and have no translation. */
export function fromEmbeddings(body: Json): AskedEmbeddings {
  onlyKnown(body, ['model', 'input', 'dimensions', 'encoding_format', 'user']);
  const format = body['encoding_format'] ?? 'float';
  if (format !== 'float' && format !== 'base64') untranslatable('/encoding_format');
  const input = Array.isArray(body['input']) ? (body['input'] as unknown[]) : [body['input']];
  if (input.length === 0) untranslatable('/input');
  return {
    texts: input.map((text) => (typeof text === 'string' ? text : untranslatable('/input'))),
    dimensions: countOf(body['dimensions'], '/dimensions') ?? undefined,
    asBase64: format === 'base64',
  };
}
