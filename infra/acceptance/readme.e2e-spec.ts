import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startStack, type RunningStack } from '#lib/testing';

jest.setTimeout(240_000);

const ROOT = resolve(import.meta.dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

describe('README', () => {
  let stack: RunningStack;

  beforeAll(async () => {
    stack = await startStack({ demo: true });
  });
  afterAll(async () => {
    await stack?.stop();
  });

  it('its call works as it is printed, against the demo of npm start', async () => {
    const block = /<!-- run by infra\/acceptance\/readme[^>]*-->\n```sh\n([\s\S]*?)```/.exec(README)?.[1];
    const { demo, urls } = stack.state;
    const env = {
      PATH: process.env['PATH'],
      ENGINE_URL: urls.engine,
      WORKSPACE_ID: demo?.workspaceId,
      ENGINE_TOKEN: demo?.engineToken,
    };
    const run = promisify(execFile);
    const first = JSON.parse((await run('bash', ['-c', block ?? 'exit 1'], { env })).stdout);
    expect(first).toMatchObject({
      status: 'succeeded',
      text: expect.stringMatching(/\S/),
      served: { provider: 'anthropic', model: 'claude-sonnet-4-6', keyVersion: expect.any(Number) },
    });
    const again = JSON.parse((await run('bash', ['-c', block ?? 'exit 1'], { env })).stdout);
    expect(again).toEqual(first);
  });

  it('names only commands that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const named = [...README.matchAll(/npm (?:run )?(start|test|check|dev|build|generate|bench|prove)\b/g)];
    expect(named.length).toBeGreaterThan(3);
    for (const [, name = ''] of named) expect(Object.keys(scripts)).toContain(name);
  });
});
