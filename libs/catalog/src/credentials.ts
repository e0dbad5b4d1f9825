const SHOWN_TAIL = 4;
const SHORTEST_SHOWN = 12;
/** Longest first, so that `sk-ant-` wins over `sk-`. */
const KNOWN_PREFIXES = [
  'sk-ant-api03-',
  'sk-ant-',
  'sk-proj-',
  'sk-svcacct-',
  'sk-admin-',
  'sk-or-v1-',
  'sk-or-',
  'sk-',
  'gsk_',
  'AIza',
  'xai-',
];

/**
 * What may be shown of a secret: the vendor's prefix and the last four characters, e.g. `sk-ant-…9f2c`.
 * A secret shorter than 12 characters, or one that isn't a single token (a service account's JSON), shows nothing of itself.
 */
export function maskSecret(secret: string): string {
  const value = secret.trim();
  if (value.length < SHORTEST_SHOWN || /[\s{}"]/.test(value)) return '••••';
  const prefix = KNOWN_PREFIXES.find((known) => value.startsWith(known)) ?? '';
  // A secret that is hardly longer than what would be shown of it must not be shown (nearly) whole.
  const hidden = value.length - prefix.length - SHOWN_TAIL;
  return hidden < SHOWN_TAIL ? `…${value.slice(-SHOWN_TAIL)}` : `${prefix}…${value.slice(-SHOWN_TAIL)}`;
}

/** Key beginnings that belong to one vendor alone; `sk-` is shared by several and therefore not here. */
const VENDOR_OF_PREFIX: readonly (readonly [string, string])[] = [
  ['sk-ant-', 'anthropic'],
  ['sk-or-', 'openrouter'],
  ['sk-proj-', 'openai'],
  ['gsk_', 'groq'],
  ['AIza', 'google'],
  ['xai-', 'xai'],
];

/** The slug of the vendor whose keys look like this one, or undefined when the shape says nothing certain. */
export function vendorOfSecret(secret: string): string | undefined {
  return VENDOR_OF_PREFIX.find(([prefix]) => secret.startsWith(prefix))?.[1];
}
