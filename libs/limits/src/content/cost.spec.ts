import { describe, expect, it } from '@jest/globals';
import { HOSTILE_UNITS, hostileText } from '#lib/testing';
import { compileRules, inspectText, StreamInspector } from './index.js';

const compiled = compileRules([{ type: 'pii', on: 'both', action: 'redact' }]);
if ('faults' in compiled) throw new Error('the rule is valid');
const rules = compiled;

/** Texts that make a careless detector look at the same place again and again. */
const HOSTILE: [name: string, unit: string][] = [
  ['one word', 'x'],
  ['at signs', 'a@'],
  ['dots behind an at sign', 'a.a@a.'],
  ['digits', '4'],
  ['digits apart', '4 '],
  ['digits and signs', '1-(2)/ '],
  ['plus signs', '+1 '],
  ['hexadecimal', 'ab:1:'],
  ['beginnings of tokens', 'eyJ'],
  ['beginnings of keys', '-----BEGIN PRIVATE KEY-----\nAAAAAAAA_'],
  ['a key without an end', 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n'],
  ['tokens before a key', 'sk-abcdefghijklmnopqrstuv '],
  ['words of birth', 'born 1. '],
  ['months', 'may '],
  ['schemes', '://a:b'],
  ['capital letters', 'AB12'],
  ['prose', 'The quick brown fox jumps over the lazy dog, 42 times. '],
];

function cost(run: () => void): number {
  const times = Array.from({ length: 3 }, () => {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1_000;
  });
  return Math.max(Math.min(...times), 2);
}

function stream(text: string, step: number): void {
  const inspector = new StreamInspector(rules, 'output');
  for (let at = 0; at < text.length; at += step) inspector.push(text.slice(at, at + step));
  inspector.end();
}

describe('#48 eight times the text is not much more than eight times the work', () => {
  // Quadratic work would be 64 times as much.
  it.each(HOSTILE)('%s, whole and in pieces', (name, unit) => {
    const text = (units: number): string =>
      (name.startsWith('a key') ? '-----BEGIN PRIVATE KEY-----\n' : '') +
      unit.repeat(units / unit.length) +
      (name.startsWith('tokens') ? '-----BEGIN ' : '');
    const whole = [10_000, 80_000].map((units) => cost(() => inspectText(rules, text(units), 'input')));
    expect((whole[1] ?? 0) / (whole[0] ?? 1)).toBeLessThan(32);
    const pieces = [4_000, 32_000].map((units) => cost(() => stream(text(units), 7)));
    expect((pieces[1] ?? 0) / (pieces[0] ?? 1)).toBeLessThan(32);
  });
});

/** Twice what the dearest takes here, in a test runner that lets nothing be inlined; before they were mended, several took the double of it. */
const MS_PER_MB = 400;
/** What the loop below takes on the machine for which that holds. */
const LOOP_MS = 8;

/** How much slower this machine is right now: others may be at work on it as well. */
function slowness(): number {
  const text = hostileText('table', 1_048_576);
  let sum = 0;
  const taken = cost(() => {
    for (let index = 0; index < text.length * 4; index += 1) sum += text.charCodeAt(index % text.length);
  });
  return sum > 0 ? Math.max(1, taken / LOOP_MS) : 1;
}

describe('#48 a megabyte of any text has a bounded cost', () => {
  it.each(Object.keys(HOSTILE_UNITS))('%s', (name) => {
    const text = hostileText(name, 131_072);
    const msPerMb = cost(() => inspectText(rules, text, 'input')) * 8;
    expect(msPerMb / slowness()).toBeLessThan(MS_PER_MB);
  });
});
