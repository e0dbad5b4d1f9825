import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { CheckpointStore, PgPool, RestoreStore } from '#lib/persistence';
import { startStack, type RunningStack } from '#lib/testing';
import { axeViolations } from './support/axe.js';
import { person, startBrowser } from './support/browser.js';
import { sees, settled, signUp } from './support/steps.js';

const OLGA = { name: 'Olga Owner', email: 'olga@restored.test', password: 'a sentence of olga' };
const PAST = 100;

jest.setTimeout(240_000);

let stack: RunningStack;
let browser: Browser;
let db: PgPool;

beforeAll(async () => {
  stack = await startStack({ demo: false });
  db = new PgPool({ databaseUrl: stack.state.databaseUrl, max: 1 });
  browser = await startBrowser();
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await db?.close();
  await stack?.stop();
});

async function engineAnswers(status: number): Promise<string> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await fetch(`${stack.state.urls.engine}/readyz`);
    const text = await answer.text();
    if (answer.status === status) return text;
    if (Date.now() > deadline) throw new Error(`the engine answers ${answer.status}: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

it('an OWNER sees on every page that an old backup was restored, until the operator has acknowledged it', async () => {
  const { page, context, complaints } = await person(browser, stack.state.urls.web);
  await signUp(page, OLGA, 'Restored Ltd');
  const banner = page.getByRole('alert').filter({ hasText: 'An old backup of the database was restored' });
  await settled(page);
  expect(await banner.count()).toBe(0);

  await new RestoreStore(db).note('old_copy', PAST);
  expect(await engineAnswers(503)).toContain('acknowledge-restore');
  for (const path of ['/settings/ai-providers', '/settings/members']) {
    await page.goto(`${stack.state.urls.web}${path}`);
    await settled(page);
    await sees(page, banner);
  }
  await sees(page, banner.getByText('Look through keys, tokens and members now'));
  expect(await axeViolations(page)).toEqual([]);

  await new CheckpointStore(db).acknowledgeRestore(PAST, 'disk lost');
  await engineAnswers(200);
  await page.reload();
  await settled(page);
  expect(await banner.count()).toBe(0);
  expect(complaints).toEqual([]);
  await context.close();
});
