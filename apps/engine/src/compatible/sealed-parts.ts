import { isObject } from './body/json-walk.js';

/** Members that bring what is no text, or what is kept elsewhere, on any of the three wires. */
const SEALED = new Set([
  ...['image_url', 'input_image', 'input_audio', 'file', 'file_id', 'file_data', 'file_url'],
  ...['inlineData', 'inline_data', 'fileData', 'file_uri', 'fileUri', 'cachedContent', 'cached_content'],
  ...[
    'previous_response_id',
    'conversation',
    'prompt_id',
    'container',
    'vector_store_ids',
    'encrypted_content',
  ],
]);
/** Kinds of `source` that are no text (Anthropic). */
const SOURCES = new Set(['base64', 'url', 'file']);

/** The name of the first part of a body that cannot be read as text; null when there is none. */
export function sealedPart(value: unknown): string | null {
  if (Array.isArray(value)) return firstOf(value.map(sealedPart));
  if (!isObject(value)) return null;
  const found = Object.entries(value).map(([name, member]) => {
    if (member === null || member === undefined) return null;
    if (SEALED.has(name)) return name;
    if (name === 'source' && isObject(member) && SOURCES.has(String(member['type']))) return name;
    // A stored prompt of OpenAI's; a plain text of that name is one.
    if (name === 'prompt' && isObject(member)) return name;
    return sealedPart(member);
  });
  return firstOf(found);
}

function firstOf(found: (string | null)[]): string | null {
  return found.find((name) => name !== null) ?? null;
}
