/** Fields that are shown once or never: a stored answer holds null in their place. */
const SECRET_FIELDS = new Set(['token', 'link', 'secret', 'secondSecret', 'password', 'csrfToken']);

/** A copy of an answer that may be kept: plain JSON, every secret field null, however deep. */
export function withoutSecrets(answer: unknown): unknown {
  const nulled = (key: string, value: unknown): unknown => (SECRET_FIELDS.has(key) ? null : value);
  return answer === undefined ? null : JSON.parse(JSON.stringify(answer, nulled));
}
