import { setTimeout as delay } from 'node:timers/promises';
import type { ScriptedAnswer } from '#lib/testing';
import type { Stage } from './stage.js';
import type { Tenant } from './tenants.js';

export const MODEL = 'claude-sonnet-4-6';
export const FIRST = 'sk-ant-api03-first-000000000000';
export const SECOND = 'sk-ant-api03-second-00000000000';
export const OPENAI = 'sk-third-0123456789abcdef';

/** A tenant with three keys, and what the vendors answer to each of them. */
export class Routed {
  readonly keys = { first: '', second: '', openai: '' };
  /** By key, in their order; the last one for ever. */
  answers: Record<string, ScriptedAnswer[]> = {};

  private constructor(
    readonly stage: Stage,
    readonly tenant: Tenant,
  ) {}

  static async create(stage: Stage): Promise<Routed> {
    stage.upstream.reset();
    const { tenants, upstream } = stage;
    const tenant = await tenants.create();
    const routed = new Routed(stage, tenant);
    const { anthropic, openai } = upstream.baseUrls;
    const add = (provider: string, secret: string, baseUrl: string, priority: number) =>
      tenants.key(tenant, { provider, secret, baseUrl, priority });
    routed.keys.first = await add('anthropic', FIRST, anthropic, 0);
    routed.keys.second = await add('anthropic', SECOND, anthropic, 5);
    routed.keys.openai = await add('openai', OPENAI, openai, 9);
    upstream.respond(({ key }) => {
      const queue = routed.answers[key ?? ''] ?? [];
      return queue.length > 1 ? queue.shift() : queue[0];
    });
    return routed;
  }

  /** An agent of the first key, with the two others as its routes. */
  agent(more: object = {}): object {
    return {
      model: `@${this.keys.first}/${MODEL}`,
      prompt: 'hello',
      maxOutputTokens: 50,
      routes: [{ aiProviderId: this.keys.second, model: MODEL }, { model: 'gpt-4.1-mini' }],
      ...more,
    };
  }

  /** The keys in the order in which they were used. */
  keysUsed(): unknown[] {
    return this.stage.upstream.requests.map(
      ({ headers }) => headers['x-api-key'] ?? headers.authorization?.slice(7),
    );
  }
}

/** What became of each attempt, and why. */
export function told(attempts: readonly { outcome: string; reason: string | null }[] | undefined) {
  return attempts?.map(({ outcome, reason }) => [outcome, reason]);
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let wait = 0; wait < 500; wait += 1) {
    if (await holds()) return;
    await delay(20);
  }
  throw new Error('it did not come');
}
