import type { HttpToolSpec, ToolSpec } from '../pipeline/agent-spec.js';

/** Where a tool may carry a credential that somebody wrote out, and what to do about it. */
export interface LiteralSecret {
  /** Of the tool, by its place in `tools`. */
  index: number;
  /** Below the tool, for a pointer. */
  field: 'headers' | 'url';
  detail: string;
}

/** Headers that say nothing secret. Any other may be somebody's password. */
const PLAIN_HEADERS = new Set(['accept', 'accept-language', 'content-type', 'user-agent']);
/** A reference alone, or behind the name of a scheme (RFC 9110 §11.1): `Bearer {{secret:name}}`. */
const REFERENCE =
  /^(?:(?:Basic|Bearer|DPoP|Token|ApiKey|Api-Key|Key|Bot|OAuth|SSWS|GenieKey)\s+)?\{\{\s*secret:[^{}]+\}\}$/i;

/** What is filled in from the call's input is not written out. */
const PLACEHOLDER = /\{[A-Za-z_][A-Za-z0-9_.-]*\}/g;
/** Names of parameters that carry a credential, as a whole or at their end: `access_token`, `apikey`, `X-Amz-Signature`. */
const SENSITIVE = /(?:token|secret|passw(?:or)?d|signature|credentials?|api-?key|^code)$/i;
/** Words that say so only where they stand alone: `key`, `subscription-key`, `sessionKey`, but not `monkey`. */
const SENSITIVE_WORD = /(?:^|[^a-z])(?:key|pwd|pass|auth|authorization|sig|jwt|bearer|sid|hmac|appid)$/i;
const SENSITIVE_HUMP = /[a-z](?:Key|Pwd|Pass|Auth|Sig|Jwt|Sid|Hmac)$/;
/** Parts that no person chose: long, of mixed characters. Ids of rows (UUIDs, numbers) are none. */
const LONG_WORD = /[A-Za-z0-9+=_~-]{20,}/g;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The first credential that a tool may carry written out, by a rule that would rather see one too many: a header's value must be a
 * reference to a secret, alone or behind a scheme, unless the header says nothing secret; in a URL no parameter is named like a
 * credential, and no part looks like one. What holds none may be kept in the database.
 */
export function literalSecret(tools: readonly ToolSpec[]): LiteralSecret | null {
  for (const [index, tool] of tools.entries()) {
    if (tool.type !== 'http') continue;
    const header = literalHeader(tool);
    if (header !== undefined) return { index, field: 'headers', detail: headerDetail(header) };
    if (hasSecretUrl(tool.url)) return { index, field: 'url', detail: URL_DETAIL };
  }
  return null;
}

function literalHeader({ headers = {} }: HttpToolSpec): string | undefined {
  const [name] =
    Object.entries(headers).find(
      ([header, value]) => !PLAIN_HEADERS.has(header.toLowerCase()) && !REFERENCE.test(value.trim()),
    ) ?? [];
  return name;
}

function hasSecretUrl(text: string): boolean {
  const plain = text.replace(PLACEHOLDER, '');
  if (!URL.canParse(plain)) return true;
  const { pathname, searchParams, hash } = new URL(plain);
  const named = [...searchParams].some(([name, value]) => value !== '' && isSensitive(name));
  const parts = [...pathname.split('/'), ...searchParams.values(), hash.slice(1)];
  return named || parts.some(looksSecret);
}

function isSensitive(name: string): boolean {
  return [SENSITIVE, SENSITIVE_WORD, SENSITIVE_HUMP].some((pattern) => pattern.test(name));
}

function looksSecret(part: string): boolean {
  if (UUID.test(part)) return false;
  return (part.match(LONG_WORD) ?? []).some((word) => {
    const isMixed = /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word);
    return (
      isMixed || /^[0-9a-f]{32,}$/i.test(word) || (/\d/.test(word) && !/[-_]/.test(word) && word.length >= 24)
    );
  });
}

function headerDetail(name: string): string {
  return `The header "${name}" may hold a secret that was written out. Name a secret there instead, alone or behind a scheme: {{secret:name}}, Bearer {{secret:name}}; one that needs text around it is entered with that text.`;
}

const URL_DETAIL =
  'The URL may hold a secret that was written out (a parameter named like a credential, or a part that looks like one). Send it in a header, as {{secret:name}}.';
