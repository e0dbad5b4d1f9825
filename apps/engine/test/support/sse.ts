/** One frame of a stream, as a client reads it. */
export interface Frame {
  id: string;
  event: string;
  data: Record<string, unknown>;
}

/** The frames of a Server-Sent Events response as they come; comments are told to `onComment`. */
export async function* frames(
  response: Response,
  onComment: (text: string) => void = () => undefined,
): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  let buffer = '';
  for await (const chunk of response.body ?? []) {
    buffer += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const block = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      if (block.startsWith(':')) onComment(block.slice(1).trim());
      else yield parse(block);
    }
  }
}

export async function allFrames(response: Response): Promise<Frame[]> {
  const all: Frame[] = [];
  for await (const frame of frames(response)) all.push(frame);
  return all;
}

function parse(block: string): Frame {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  return {
    id: fields.get('id') ?? '',
    event: fields.get('event') ?? '',
    data: JSON.parse(fields.get('data') ?? 'null') as Frame['data'],
  };
}
