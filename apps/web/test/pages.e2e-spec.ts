import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startStack, type RunningStack } from '#lib/testing';
import { axeViolations } from './support/axe.js';
import { person, startBrowser } from './support/browser.js';
import { focusedOn, noSkeletons, settled, signIn, signUp } from './support/steps.js';

const PAGES = [
  { path: '/settings/ai-providers', full: 'Demo Anthropic', empty: 'Add your first key' },
  { path: '/settings/workspaces', full: 'Demo Anthropic', empty: 'No keys to hand out yet' },
  { path: '/settings/members', full: 'Edgar Editor', empty: 'No invite links' },
  { path: '/settings/tokens', full: 'Demo SDK', empty: 'No tokens yet' },
  { path: '/settings/policies', full: 'No policies yet', empty: 'No policies yet' },
  { path: '/settings/usage', full: 'Executions this month', empty: 'No calls yet' },
  { path: '/settings/audit', full: 'aiProviders:CreateAiProvider', empty: 'orgs:CreateOrg' },
  {
    path: '/settings/organization',
    full: 'Delete the organization',
    empty: 'Delete the organization',
  },
  { path: '/w/default/agent', full: 'Prompt', empty: 'No model can be used here yet' },
];
const BUDGET_BYTES = 200_000;
const PROBLEM = {
  type: 'about:blank',
  title: 'Key service unavailable',
  status: 503,
  detail: 'The key service does not answer. Try again in a minute.',
  instance: '/',
  code: 'kms_unavailable',
  requestId: 'req_01planted',
};

// A browser, axe on every page, and perhaps other suites beside it: generous, because nothing here is a measurement.
jest.setTimeout(240_000);

let stack: RunningStack;
let browser: Browser;

async function shows(page: Page, text: string): Promise<void> {
  await page.getByText(text, { exact: false }).first().waitFor();
}

/** The scripts that the browser fetches before the page can act, gzipped. */
async function firstLoadBytes(page: Page, path: string): Promise<number> {
  const html = await (await page.request.get(path)).text();
  const tags = [...html.matchAll(/<script[^>]+src="([^"]+)"[^>]*>/g)].filter(
    ([tag]) => !/nomodule/i.test(tag),
  );
  const bodies = await Promise.all(
    [...new Set(tags.map(([, source]) => source ?? ''))].map(async (source) =>
      (await page.request.get(source)).body(),
    ),
  );
  return bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
}

beforeAll(async () => {
  stack = await startStack({ demo: true });
  browser = await startBrowser();
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

describe.each([
  { theme: 'light', dark: false },
  { theme: 'dark', dark: true },
])('each page in $theme', ({ dark }) => {
  it('has no axe violation with data, every rule on', async () => {
    const { page, context, complaints } = await person(browser, stack.state.urls.web, { dark });
    await signIn(page, stack.state.demo!.owner);
    for (const { path, full } of PAGES) {
      await page.goto(path);
      await settled(page);
      await shows(page, full);
      expect({ path, violations: await axeViolations(page) }).toEqual({ path, violations: [] });
    }
    await page.goto('/w/nowhere/agent');
    await settled(page);
    await shows(page, 'No such workspace');
    expect(await axeViolations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('says to an editor that Settings belong to the owners, without an axe violation', async () => {
    const { page, context } = await person(browser, stack.state.urls.web, { dark });
    await signIn(page, stack.state.demo!.editor);
    await page.goto('/settings/ai-providers');
    await settled(page);
    await shows(page, 'Settings belong to the owners');
    expect(await axeViolations(page)).toEqual([]);
    await context.close();
  });

  it('has none in its dialogs either, and focus returns to what opened them', async () => {
    const { page, context } = await person(browser, stack.state.urls.web, { dark });
    await signIn(page, stack.state.demo!.owner);
    const dialogs = [
      { path: '/settings/ai-providers', opens: 'Add a key' },
      { path: '/settings/ai-providers', opens: 'Demo OpenAI' },
      { path: '/settings/ai-providers', opens: 'Test Demo OpenAI' },
      { path: '/settings/ai-providers', opens: 'Delete Demo OpenAI' },
      { path: '/settings/workspaces', opens: 'Edit Default' },
      { path: '/settings/workspaces', opens: 'New workspace' },
      { path: '/settings/members', opens: 'New invite link' },
      { path: '/settings/tokens', opens: 'New token' },
      { path: '/settings/policies', opens: 'New policy' },
      { path: '/settings/organization', opens: 'Delete the organization' },
    ];
    for (const { path, opens } of dialogs) {
      await page.goto(path);
      await settled(page);
      await page.getByRole('button', { name: opens, exact: true }).first().click();
      await page.getByRole('dialog').waitFor();
      await noSkeletons(page);
      expect({ opens, violations: await axeViolations(page) }).toEqual({ opens, violations: [] });
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await focusedOn(page, opens)).toBe(opens);
    }
    await context.close();
  });

  it('signs in, up and invites without an axe violation, and says why a sign-in failed', async () => {
    const { page, context } = await person(browser, stack.state.urls.web, { dark });
    await page.goto('/sign-up');
    expect(await axeViolations(page)).toEqual([]);
    await page.goto('/invite/not-a-link');
    await shows(page, 'This link does not work');
    expect(await axeViolations(page)).toEqual([]);
    await page.goto('/sign-in');
    await page.getByLabel('Email').fill('nobody@demo.test');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await shows(page, 'That e-mail and password do not match');
    await shows(page, 'Request id');
    expect(await axeViolations(page)).toEqual([]);
    await context.close();
  });
});

describe('each page', () => {
  it('teaches when it is empty', async () => {
    const { page, context } = await person(browser, stack.state.urls.web);
    await signUp(
      page,
      { name: 'Nora New', email: 'nora@new.test', password: 'a sentence of nora' },
      'New Org',
    );
    for (const { path, empty } of PAGES) {
      await page.goto(path);
      await settled(page);
      await shows(page, empty);
      expect({ path, violations: await axeViolations(page) }).toEqual({ path, violations: [] });
    }
    await context.close();
  });

  it('says what failed, what to do, and the request id', async () => {
    const { page, context } = await person(browser, stack.state.urls.web);
    await signIn(page, stack.state.demo!.owner);
    const answer = { status: 503, contentType: 'application/problem+json', body: JSON.stringify(PROBLEM) };
    await page.route(/\/api\/v1\/(?!auth\/)/, (route) => route.fulfill(answer));
    for (const { path } of PAGES) {
      await page.goto(path);
      await shows(page, PROBLEM.requestId);
      await shows(page, PROBLEM.detail);
      expect({ path, violations: await axeViolations(page) }).toEqual({ path, violations: [] });
    }
    await context.close();
  });

  it('fits 390 px without scrolling sideways, and its rail opens as a drawer', async () => {
    const { page, context } = await person(browser, stack.state.urls.web, { width: 390 });
    await signIn(page, stack.state.demo!.owner).catch(() => undefined);
    for (const { path } of PAGES) {
      await page.goto(path);
      await settled(page);
      const overflow = Number(
        await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
      );
      expect({ path, overflow }).toEqual({ path, overflow: 0 });
      expect({ path, violations: await axeViolations(page) }).toEqual({ path, violations: [] });
    }
    await page.getByRole('button', { name: 'Navigation' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Members' }).click();
    await page.waitForURL('**/settings/members');
    await context.close();
  });

  it('loads at most 200 kB of script, gzipped, before it can act', async () => {
    const { page, context } = await person(browser, stack.state.urls.web);
    for (const path of ['/sign-in', '/sign-up', '/invite/x', ...PAGES.map((entry) => entry.path)]) {
      const bytes = await firstLoadBytes(page, path);
      expect({ path, fits: bytes <= BUDGET_BYTES, bytes: bytes > BUDGET_BYTES ? bytes : 0 }).toEqual({
        path,
        fits: true,
        bytes: 0,
      });
    }
    await context.close();
  });

  it('is reached by the palette from the keyboard', async () => {
    const { page, context } = await person(browser, stack.state.urls.web);
    await signIn(page, stack.state.demo!.owner);
    await settled(page);
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Go to, or do …').fill('audit');
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/settings/audit');
    await context.close();
  });
});
