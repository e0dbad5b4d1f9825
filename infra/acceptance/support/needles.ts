/** The forms in which a secret may show up: each is looked for as text. */
export function needlesOf(secret: string): Map<string, string> {
  const bytes = Buffer.from(secret);
  const json = (text: string) => JSON.stringify(text).slice(1, -1);
  // As frameworks write JSON into pages.
  const script = (text: string) =>
    json(text).replaceAll('&', '\\u0026').replaceAll('<', '\\u003c').replaceAll('>', '\\u003e');
  const each = (spell: (hex: string, code: number) => string) =>
    [...bytes].map((byte) => spell(byte.toString(16).padStart(2, '0'), byte)).join('');
  const forms = new Map<string, string>([
    ['raw', secret],
    ['reversed', [...secret].reverse().join('')],
    ['hex', bytes.toString('hex')],
    ['percent-encoded', encodeURIComponent(secret)],
    ['percent-encoded, every byte', each((hex) => `%${hex}`)],
    ['unicode-escaped', each((hex) => `\\u00${hex}`)],
    ['unicode-escaped, in JSON', json(each((hex) => `\\u00${hex}`))],
    ['HTML-escaped by number', each((_hex, code) => `&#${code};`)],
    ['JSON-escaped', json(secret)],
    ['JSON-escaped twice', json(json(secret))],
    ['in a script', script(secret)],
    ['in a script, twice', json(script(secret))],
    [
      'HTML-escaped throughout',
      secret
        .replaceAll('&', '&amp;')
        .replaceAll('"', '&quot;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;'),
    ],
    ['HTML-escaped', secret.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')],
  ]);
  // Within longer text base64 depends on where the secret begins: all three places, without the ends that neighbours change.
  for (const offset of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4);
    forms.set(`base64 at ${offset}`, text);
    forms.set(`base64url at ${offset}`, text.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

/** Which forms of which secrets `text` holds, as `name: form`. */
export function findNeedles(text: string, secrets: Record<string, string>): string[] {
  const lower = text.toLowerCase();
  return Object.entries(secrets).flatMap(([name, secret]) =>
    [...needlesOf(secret)]
      .filter(([, needle]) => lower.includes(needle.toLowerCase()))
      .map(([form]) => `${name}: ${form}`),
  );
}

const PART = 16;

/** Every sixteen characters in a row of these secrets, raw, in hex and in base64: for a look through long texts in one go. */
export function partsOf(secrets: readonly string[]): ReadonlySet<string> {
  const forms = secrets.flatMap((secret) => {
    const bytes = Buffer.from(secret);
    return [secret, bytes.toString('hex'), bytes.toString('base64')];
  });
  return new Set(
    forms.flatMap((form) =>
      Array.from({ length: Math.max(0, form.length - PART + 1) }, (_, at) => form.slice(at, at + PART)),
    ),
  );
}

/** The first of those parts that `text` shows; null: none. */
export function partIn(text: string, parts: ReadonlySet<string>): string | null {
  for (let at = 0; at + PART <= text.length; at += 1) {
    const part = text.slice(at, at + PART);
    if (parts.has(part)) return part;
  }
  return null;
}
