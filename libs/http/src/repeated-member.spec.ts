import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import fc from 'fast-check';
import request from 'supertest';
import { createHttpApp } from './index.js';
import { shapeOf } from './json-text.js';
import { repeatedIn } from './repeated-member.js';

/** What the body parser finds. */
const refused = (text: string) => repeatedIn(text, shapeOf(text), JSON.parse(text));

type Node = string | number | boolean | null | Node[] | { members: [string, Node][] };

const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('a', 'b', '', '__proto__', '0', '"', '\\', ':{['),
);
const { tree } = fc.letrec<{ tree: Node }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie('tree')), { maxLength: 5 }).map((members) => ({ members })),
  ),
}));

/** How a string is spelled: as JSON.stringify does, or with every character escaped. */
const spelt = (text: string, escaped: boolean) =>
  escaped
    ? `"${Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`
    : JSON.stringify(text);

/** Writes a tree as it stands, repetitions included; every other name is escaped, and blanks lie wherever they may. */
function write(node: Node, escape: () => boolean, blank: string): string {
  if (typeof node === 'string') return spelt(node, escape());
  if (typeof node !== 'object' || node === null) return JSON.stringify(node);
  if (Array.isArray(node))
    return `[${node.map((item) => `${blank}${write(item, escape, blank)}${blank}`).join(',')}]`;
  const members = node.members.map(
    ([name, item]) => `${blank}${spelt(name, escape())}${blank}:${blank}${write(item, escape, blank)}`,
  );
  return `{${members.join(',')}${blank}}`;
}

function repeats(node: Node): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some(repeats);
  const own = node.members.map(([name]) => name);
  return new Set(own).size < own.length || node.members.some(([, item]) => repeats(item));
}

/** Nothing is said of what is too deep: such a body is refused before. */
function depthOf(node: Node): number {
  if (typeof node !== 'object' || node === null) return 0;
  const items = Array.isArray(node) ? node : node.members.map(([, item]) => item);
  return 1 + Math.max(0, ...items.map(depthOf));
}

describe('a name that an object has twice', () => {
  it('is found in every text that has one, and in no other', () => {
    let found = 0;
    fc.assert(
      fc.property(
        tree,
        fc.infiniteStream(fc.boolean()),
        fc.constantFrom('', ' ', '\n\t '),
        (node, coins, blank) => {
          fc.pre(depthOf(node) <= 100);
          const text = write(node, () => coins.next().value as boolean, blank);
          const twice = refused(text);
          expect(twice !== null).toBe(repeats(node));
          if (twice) found += 1;
        },
      ),
      { numRuns: 6_000 },
    );
    expect(found).toBeGreaterThan(300);
  });

  it('is never seen in what JSON.stringify writes, whatever that is', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary', depthSize: 'large' }), (text) => {
        fc.pre(!shapeOf(text).tooDeep);
        expect(refused(text)).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['{"name":"a","name":"b"}', 'name', '/name'],
    ['{"name":"a","\\u006eame":"b"}', 'name', '/name'],
    ['{"a":[{},{"b":{"c":1,"d":2,"c":1}}]}', 'c', '/a/1/b/c'],
    ['[[],[1,{"":0,"":0}]]', '', '/1/1/'],
    ['{"\\"":1,"\\"":2}', '"', '/"'],
    ['{"a\\\\":"\\"","a\\u005c":1}', 'a\\', '/a\\'],
    ['{"a/b~":1,"a\\/b~":1}', 'a/b~', '/a~1b~0'],
    ['{"x":{"a":1},"y":{"a":1},"x":2}', 'x', '/x'],
  ])('of %s is named', (text, name, pointer) => {
    expect(refused(text)).toEqual({ name, pointer });
  });

  it.each([
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}',
    '{"a":"a\\":1,\\"a"}',
    '{"a":1,"A":1,"a ":1}',
    '"a:b"',
    '7',
  ])('%s has none', (text) => {
    expect(refused(text)).toBeNull();
  });
});

@Controller('things')
class ThingsController {
  @Post()
  @HttpCode(200)
  take(@Body() body: Record<string, unknown>): object {
    return { took: body };
  }
}

@Module({ controllers: [ThingsController] })
class TestModule {}

describe('a body', () => {
  let app: NestFastifyApplication;
  const log = { info: () => undefined, error: () => undefined };
  beforeAll(async () => {
    app = await createHttpApp(TestModule, { log });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  const send = (body: string) =>
    request(app.getHttpServer()).post('/things').set('content-type', 'application/json').send(body);

  it('that gives a field twice is malformed, and the answer names the field', async () => {
    for (const body of ['{"name":"a","name":"b"}', '{"name":"a","\\u006eame":"b"}']) {
      const answer = await send(body);
      expect([answer.status, answer.body.code]).toEqual([400, 'malformed_request']);
      expect(answer.body.detail).toContain('"name" twice');
      expect(answer.body.errors).toEqual([{ pointer: '/name', detail: expect.stringContaining('twice') }]);
    }
    const nested = await send('{"a":[{"b":1,"b":1}]}');
    expect([nested.status, nested.body.errors[0].pointer]).toEqual([400, '/a/0/b']);
  });

  it('that gives each field once is taken as it is', async () => {
    const body = { a: { a: 1 }, b: [{ a: 1 }, { a: ':' }], 'c"': '"a":1,"a":2', d: '\\' };
    expect((await send(JSON.stringify(body))).body).toEqual({ took: body });
  });
});
