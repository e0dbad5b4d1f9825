import { ConnectionError } from '../errors.js';

/** One frame of Server-Sent Events as it came. */
export interface Frame {
  id: string;
  event: string;
  data: string;
}

/**
 * The frames of a stream, wherever the network cut it (WHATWG HTML §9.2). Comments are passed over; a frame without its closing blank line
 * is dropped. Throws ConnectionError when nothing, not even a heartbeat, came for `quietMs` milliseconds, and what the body throws.
 */
export async function* readFrames(
  body: ReadableStream<Uint8Array>,
  quietMs: number,
): AsyncGenerator<Frame, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await withinQuiet(reader.read(), quietMs);
      if (done) return;
      // A line break may be cut between its two characters: what ends with the first waits for the second.
      rest += decoder.decode(value, { stream: true });
      const whole = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
      const blocks = whole.replaceAll('\r\n', '\n').replaceAll('\r', '\n').split('\n\n');
      rest = (blocks.pop() ?? '') + rest.slice(whole.length);
      for (const block of blocks) {
        const frame = frameOf(block);
        if (frame) yield frame;
      }
    }
  } finally {
    // Whoever stops reading closes the connection.
    await reader.cancel().catch(() => undefined);
  }
}

function frameOf(block: string): Frame | null {
  const frame: Frame = { id: '', event: 'message', data: '' };
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'id' || field === 'event') frame[field] = value;
  }
  return data.length === 0 ? null : { ...frame, data: data.join('\n') };
}

async function withinQuiet<T>(read: Promise<T>, quietMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const quiet = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ConnectionError(`Nothing came for ${quietMs / 1_000} s.`)), quietMs);
  });
  try {
    return await Promise.race([read, quiet]);
  } finally {
    clearTimeout(timer);
  }
}
