import { isObject, type Json } from '../body/json-walk.js';

/** Members of an answer that its vendor fills in: ids, times and counts, which a rule could take for somebody's number. */
const STRUCTURAL = new Set([
  ...['id', 'object', 'created', 'created_at', 'completed_at', 'model', 'type', 'usage', 'service_tier'],
  ...[
    'system_fingerprint',
    'usageMetadata',
    'modelVersion',
    'responseId',
    'stop_reason',
    'sequence_number',
    'index',
  ],
]);
/** Members that hold a whole answer inside of an event. */
const WITHIN = ['response', 'message'];

/** An answer without what its vendor fills in, and the way back. Only at the top of it: deeper down names are the model's own. */
export function withoutStructure(value: unknown): { said: unknown; join: (safe: unknown) => unknown } {
  if (!isObject(value)) return { said: value, join: (safe) => safe };
  const inner = WITHIN.filter((name) => isObject(value[name]));
  const parts = new Map(inner.map((name) => [name, split(value[name] as Json)]));
  const own = split(value);
  for (const [name, part] of parts) own.said[name] = part.said;
  const join = (safe: unknown): unknown => {
    const whole: Json = { ...own.kept, ...(isObject(safe) ? safe : {}) };
    for (const [name, part] of parts) whole[name] = { ...part.kept, ...(whole[name] as Json) };
    return whole;
  };
  return { said: own.said, join };
}

function split(value: Json): { said: Json; kept: Json } {
  const entries = Object.entries(value);
  return {
    said: Object.fromEntries(entries.filter(([name]) => !STRUCTURAL.has(name))),
    kept: Object.fromEntries(entries.filter(([name]) => STRUCTURAL.has(name))),
  };
}
