/** The ways in which an upstream may give a key back, by name. */
export function echoForms(key: string): Map<string, string> {
  const bytes = Buffer.from(key);
  const json = (text: string) => JSON.stringify(text).slice(1, -1);
  const each = (spell: (hex: string) => string) =>
    [...bytes].map((byte) => spell(byte.toString(16).padStart(2, '0'))).join('');
  const html = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return new Map([
    ['raw', key],
    ['percent', encodeURIComponent(key)],
    ['percent, lower case', encodeURIComponent(key).replace(/%../g, (escape) => escape.toLowerCase())],
    ['percent, every byte', each((hex) => `%${hex.toUpperCase()}`)],
    ['base64', bytes.toString('base64')],
    ['base64 at 1', Buffer.concat([Buffer.from(':'), bytes]).toString('base64')],
    ['base64 at 2', Buffer.concat([Buffer.from('u:'), bytes]).toString('base64')],
    ['base64url', bytes.toString('base64url')],
    ['JSON', json(key)],
    ['JSON twice', json(json(key))],
    ['unicode escapes', each((hex) => `\\u00${hex}`)],
    ['HTML', key.replaceAll(/[&<>"']/g, (char) => html[char as keyof typeof html])],
    ['hex', bytes.toString('hex')],
  ]);
}

/** The length of the longest part of `key` that `text` holds. */
export function longestPart(key: string, text: string): number {
  for (let length = key.length; length > 0; length -= 1) {
    for (let at = 0; at + length <= key.length; at += 1) {
      if (text.includes(key.slice(at, at + length))) return length;
    }
  }
  return 0;
}
