import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { JobQueue, queueBackend } from '#lib/queue';
import { startStack, type RunningStack } from '#lib/testing';
import { axeViolations } from './support/axe.js';
import { person, startBrowser } from './support/browser.js';
import { isFit, isFitEverywhere } from './support/is-fit.js';
import { sees, settled, signIn, signUp } from './support/steps.js';

const OLGA = { name: 'Olga Owner', email: 'olga@lifecycle.test', password: 'a sentence of olga' };
const NOTICE_MS = 100_000;

jest.setTimeout(240_000);

let stack: RunningStack;
let browser: Browser;

beforeAll(async () => {
  stack = await startStack({ demo: false });
  browser = await startBrowser();
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** Adds a key that ends in so many days, as the page's own scripts could. */
async function addKey(page: Page, name: string, days: number): Promise<void> {
  const expiresAt = new Date(Date.now() + days * 86_400_000).toISOString();
  const body = { name, provider: 'openai', secret: 'sk-lifecycle-0123456789abcdef', expiresAt };
  const status = await page.evaluate(`(async () => {
    const { csrfToken } = await (await fetch('/api/v1/auth/me')).json();
    const headers = { 'content-type': 'application/json', 'x-csrf-token': csrfToken };
    const init = { method: 'POST', headers, body: ${JSON.stringify(JSON.stringify(body))} };
    return (await fetch('/api/v1/ai-providers', init)).status;
  })()`);
  expect(status).toBe(201);
}

/** The worker looks once a minute for keys that end: it is asked to look now. */
async function askForNotices(): Promise<void> {
  const queue = new JobQueue('expiry-notices', queueBackend(stack.state.databaseUrl, null), () => undefined);
  await queue.add({});
  await queue.close();
}

async function noticed(page: Page, name: string): Promise<void> {
  const notice = page.getByRole('complementary', { name: 'Notices' }).getByText(`The key ${name} expires on`);
  const deadline = Date.now() + NOTICE_MS;
  while (Date.now() < deadline && !(await notice.isVisible())) {
    await page.reload();
    await settled(page);
    await page.waitForTimeout(200);
  }
  await sees(page, notice);
}

describe('the life of an organization, as its OWNER sees it', () => {
  it('a key that ends soon is announced on every page, leads to the key, and can be dismissed', async () => {
    const { page, context, complaints } = await person(browser, stack.state.urls.web);
    await signUp(page, OLGA, 'Olga Ltd');
    await addKey(page, 'Main', 5);
    await askForNotices();
    await noticed(page, 'Main');
    await isFit(page, 'the first page with a notice');
    await page.goto('/settings/organization');
    await settled(page);
    await sees(
      page,
      page.getByRole('complementary', { name: 'Notices' }).getByText('The key Main expires on'),
    );
    await isFitEverywhere(page, 'Settings with a notice');
    await page.goto('/settings/audit');
    await page.getByRole('link', { name: 'Rotate or change its expiry' }).click();
    const drawer = page.getByRole('dialog', { name: 'Main' });
    await sees(page, drawer);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await page.waitForURL((url) => url.search === '');
    await page.getByRole('button', { name: 'Dismiss the notice about Main' }).click();
    await page.getByRole('complementary', { name: 'Notices' }).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('is renamed, exported whole, and deleted by its typed short name; its owner keeps the account', async () => {
    const { page, context, complaints } = await person(browser, stack.state.urls.web, { dark: true });
    await signIn(page, OLGA);
    await page.goto('/settings/organization');
    await settled(page);
    await page.getByLabel('Name of the organization').fill('Olga & Daughters');
    await page.getByRole('button', { name: 'Save' }).click();
    await sees(page, page.getByRole('navigation', { name: 'Main' }).getByText('Olga & Daughters'));

    const waiting = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export everything' }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe('olga-ltd-export.ndjson');
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.length).toBeGreaterThan(10);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ type: 'end', data: { counts: { aiProvider: 1 } } });

    await page.getByRole('button', { name: 'Delete the organization' }).click();
    const dialog = page.getByRole('dialog');
    await sees(page, dialog.getByText('1 sealed secret of 1 key destroyed'));
    expect(await axeViolations(page)).toEqual([]);
    const confirm = dialog.getByRole('button', { name: 'Delete the organization' });
    await dialog.getByLabel('Type “olga-ltd” to confirm').fill('Olga & Daughters');
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByLabel('Type “olga-ltd” to confirm').fill('olga-ltd');
    await confirm.click();
    await sees(page, page.getByRole('heading', { name: 'You belong to no organization' }));
    expect(await axeViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();

    const again = await person(browser, stack.state.urls.web);
    await signIn(again.page, OLGA);
    await sees(again.page, again.page.getByRole('heading', { name: 'You belong to no organization' }));
    await again.page.goto('/settings/organization');
    await sees(again.page, again.page.getByRole('heading', { name: 'Settings belong to the owners' }));
    expect(await axeViolations(again.page)).toEqual([]);
    await again.context.close();
  });
});
