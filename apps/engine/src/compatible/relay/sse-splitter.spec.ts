import { describe, expect, it } from '@jest/globals';
import { SseSplitter } from './sse-splitter.js';

const STREAM = Buffer.from(
  [
    ': ping\n\n',
    'event: a\ndata: {"x":"é\\n"}\n\n',
    'data: 1\r\ndata: 2\r\n\r\n',
    '\n',
    'data: [DONE]\n\n',
  ].join(''),
);

function cut(bytes: Buffer, sizes: () => number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = Math.max(1, sizes());
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parts;
}

describe('the splitter of server-sent events', () => {
  const whole = (parts: Buffer[], longest = 65_536) => {
    const splitter = new SseSplitter(longest);
    return [...parts.flatMap((part) => splitter.push(part)), ...splitter.end()];
  };

  it('finds the same events however the stream is cut, and loses no byte', () => {
    const events = whole([STREAM]).map(({ bytes }) => bytes.toString());
    expect(events).toEqual([
      ': ping\n\n',
      'event: a\ndata: {"x":"é\\n"}\n\n',
      'data: 1\r\ndata: 2\r\n\r\n',
      '\n',
      'data: [DONE]\n\n',
    ]);
    for (let size = 1; size <= 12; size += 1) {
      const found = whole(cut(STREAM, () => size));
      expect(found.map(({ bytes }) => bytes.toString())).toEqual(events);
      expect(found.every(({ isEvent }) => isEvent)).toBe(true);
    }
  });

  it('gives a long event out in pieces, says so, and finds the next one again', () => {
    const long = Buffer.from(`data: ${'x'.repeat(300)}\n\ndata: 2\n\n`);
    const found = whole(
      cut(long, () => 50),
      100,
    );
    expect(Buffer.concat(found.map(({ bytes }) => bytes))).toEqual(long);
    expect(found.at(-1)).toEqual({ bytes: Buffer.from('data: 2\n\n'), isEvent: true });
    expect(found.slice(0, -1).some(({ isEvent }) => isEvent)).toBe(false);
  });
});
