/** Somebody who calls: a session, a token, nobody. */
export interface Caller {
  name: string;
  headers: Record<string, string>;
}

export interface Asked {
  method: string;
  /** With its query. */
  path: string;
  body?: unknown;
}

export interface Answered {
  status: number;
  text: string;
}

/** One call over HTTP. */
export async function ask(url: string, caller: Caller, { method, path, body }: Asked): Promise<Answered> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...caller.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
    redirect: 'manual',
  });
  return { status: response.status, text: await response.text() };
}

/** What an answer tells, without what differs from call to call: the request's id and path, and the id that was asked for. */
export function told({ status, text }: Answered, asked: string): string {
  const blanked = text.replaceAll(asked, '<id>').replaceAll(encodeURIComponent(asked), '<id>');
  const plain = blanked
    .replace(/"requestId":"[^"]*"/g, '"requestId":""')
    .replace(/"instance":"[^"]*"/g, '"instance":""');
  return `${status} ${plain}`;
}

export function codeOf({ text }: Answered): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : undefined;
  } catch {
    return undefined;
  }
}

/** Runs the jobs, a few at a time. */
export async function each<T>(
  items: readonly T[],
  run: (item: T) => Promise<void>,
  atOnce = 8,
): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
