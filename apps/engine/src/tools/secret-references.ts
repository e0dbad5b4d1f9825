/** `{{secret:name}}` in the value of a header (PRODUCT #60). A name is what an OWNER gave the secret. */
const REFERENCE = /\{\{\s*secret:\s*([^{}]{1,120}?)\s*\}\}/g;

type Headers = Readonly<Record<string, string>>;

/** Every secret that these headers name, with the header that does. */
export function secretReferences(headers: Headers = {}): { header: string; name: string }[] {
  return Object.entries(headers).flatMap(([header, value]) =>
    [...value.matchAll(REFERENCE)].map(([, name = '']) => ({ header, name })),
  );
}

/** What looks like a reference and is none; undefined when nothing does. */
export function referenceFault(headers: Headers = {}): { field: string; detail: string } | undefined {
  const found = Object.entries(headers).find(([, value]) =>
    /\{\{\s*secret/.test(value.replace(REFERENCE, '')),
  );
  if (!found) return undefined;
  return { field: `headers/${pointerPart(found[0])}`, detail: 'Name a secret like this: {{secret:name}}.' };
}

/** The headers as they are sent. Strings cannot be wiped: they are made as late as this, and kept nowhere. */
export function withSecrets(headers: Headers, secrets: ReadonlyMap<string, string>): Record<string, string> {
  const filled = Object.entries(headers).map(([header, value]): [string, string] => [
    header,
    value.replace(REFERENCE, (_, name: string) => {
      const secret = secrets.get(name);
      if (secret === undefined) throw new Error(`the secret "${name}" is not at hand`);
      return secret;
    }),
  ]);
  return Object.fromEntries(filled);
}

/** A member's name as a part of a JSON pointer (RFC 6901). */
export function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
