/** The JSON that an event of a stream carries; undefined for one that carries none. */
export function dataOf(event: Buffer): unknown {
  const lines = event.toString('utf8').split(/\r?\n/);
  const data = lines.flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trimStart()] : []));
  if (data.length === 0) return undefined;
  try {
    return JSON.parse(data.join('\n')) as unknown;
  } catch {
    return undefined;
  }
}

/** The same event with other data; its name and comments stay. */
export function withData(event: Buffer, data: unknown): Buffer {
  const kept = event
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('data:'));
  return Buffer.from([...kept, `data: ${JSON.stringify(data)}`, '', ''].join('\n'), 'utf8');
}
