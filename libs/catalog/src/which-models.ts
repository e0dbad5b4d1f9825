import { isModelId } from './model-id.js';

/** So many models are named in a refusal; the list itself is a request away. */
const MOST_NAMED = 8;

/**
 * What to do about a model that nobody knows: look which there are. One that may be newer than the catalogue is served as soon as a
 * key names it; what is no id at all never is.
 * @param key what an OWNER would name it on
 */
export function whichModels(model: string, key: string): string {
  const look =
    'Check the spelling: GET the workspace’s models (/v1/models for an application) for those that it may use.';
  if (!isModelId(model)) return look;
  return `${look} If it is newer than Claviger’s catalogue, an OWNER can name it in the curated models of ${key}, beside those that are to be served still.`;
}

/** The first of some ids, and how many there are more. */
export function shortList(ids: readonly string[]): string {
  if (ids.length === 0) return 'none';
  const more = ids.length - MOST_NAMED;
  return ids.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
