/** The JSON that an event of a stream carries; undefined for one that carries none. */
export function dataOf(event: Buffer): unknown {
  const text = event.toString('utf8');
  const data = onlyLineOf(text) ?? linesOf(text);
  if (data === undefined) return undefined;
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return undefined;
  }
}

/** What nearly every event is: one line of data and the blank one; null for one of any other form. */
function onlyLineOf(text: string): string | null {
  const isOne = text.startsWith('data:') && text.indexOf('\n') === text.length - 2 && text.endsWith('\n');
  return isOne && !text.includes('\r') ? text.slice(5, -2).trimStart() : null;
}

function linesOf(text: string): string | undefined {
  const lines = text.split(/\r?\n/);
  const data = lines.flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trimStart()] : []));
  return data.length === 0 ? undefined : data.join('\n');
}

/** The same event with other data; its name and comments stay. */
export function withData(event: Buffer, data: unknown): Buffer {
  const kept = event
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('data:'));
  return Buffer.from([...kept, `data: ${JSON.stringify(data)}`, '', ''].join('\n'), 'utf8');
}
