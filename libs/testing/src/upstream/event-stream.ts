import { crc32 } from 'node:zlib';

/** `:message-type` and the like: the names and values of a frame's headers, all of them strings. */
export type FrameHeaders = Record<string, string>;

const STRING = 7;

/**
 * One message of AWS' binary event stream: lengths, headers, payload, each secured by a CRC-32
 * (https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html, "Event stream encoding").
 */
export function eventStreamFrame(headers: FrameHeaders, payload: unknown): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => headerOf(name, value)));
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.concat([uint32(head.length + body.length + 16), uint32(head.length)]);
  const message = Buffer.concat([prelude, uint32(crc32(prelude)), head, body]);
  return Buffer.concat([message, uint32(crc32(message))]);
}

function headerOf(name: string, value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([
    Buffer.from([Buffer.byteLength(name)]),
    Buffer.from(name),
    Buffer.from([STRING]),
    length,
    Buffer.from(value),
  ]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
