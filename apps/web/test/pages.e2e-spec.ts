import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startStack, type RunningStack } from '#lib/testing';
import { axeViolations } from './support/axe.js';
import { person, startBrowser, type Person } from './support/browser.js';
import { isFit, isFitEverywhere, isFitInBoth } from './support/is-fit.js';
import { focusedOn, goTo, noSkeletons, settled, signIn, signUp } from './support/steps.js';

const PAGES = [
  { path: '/settings/ai-providers', full: 'Demo Anthropic', empty: 'Add your first key' },
  { path: '/settings/workspaces', full: 'Demo Anthropic', empty: 'No keys to hand out yet' },
  { path: '/settings/mcp-servers', full: 'No MCP servers yet', empty: 'No MCP servers yet' },
  { path: '/settings/members', full: 'Edgar Editor', empty: 'No invite links' },
  { path: '/settings/tokens', full: 'Demo SDK', empty: 'No tokens yet' },
  { path: '/settings/webhooks', full: 'No webhooks yet', empty: 'No webhooks yet' },
  { path: '/settings/policies', full: 'No policies yet', empty: 'No policies yet' },
  { path: '/settings/usage', full: 'Executions this month', empty: 'No calls yet' },
  { path: '/settings/audit', full: 'aiProviders:CreateAiProvider', empty: 'orgs:CreateOrg' },
  {
    path: '/settings/organization',
    full: 'Delete the organization',
    empty: 'Delete the organization',
  },
  { path: '/w/default/agent', full: 'Prompt', empty: 'No model can be used here yet' },
  { path: '/w/default/runs', full: 'Demo Anthropic', empty: 'No runs yet' },
];
const DIALOGS = [
  { path: '/settings/ai-providers', opens: 'Add a key' },
  { path: '/settings/ai-providers', opens: 'Demo OpenAI' },
  { path: '/settings/ai-providers', opens: 'Test Demo OpenAI' },
  { path: '/settings/ai-providers', opens: 'Delete Demo OpenAI' },
  { path: '/settings/workspaces', opens: 'Edit Default' },
  { path: '/settings/workspaces', opens: 'New workspace' },
  { path: '/settings/mcp-servers', opens: 'Add an MCP server' },
  { path: '/settings/members', opens: 'New invite link' },
  { path: '/settings/tokens', opens: 'New token' },
  { path: '/settings/webhooks', opens: 'Add a webhook' },
  { path: '/settings/policies', opens: 'New policy' },
  { path: '/settings/organization', opens: 'Delete the organization' },
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
/** Signed in once: every test of the owner's pages goes on in this session. */
let owner: Person;

async function shows(page: Page, text: string): Promise<void> {
  await page.getByText(text, { exact: false }).first().waitFor();
}

const scripts = new Map<string, Promise<number>>();

/** The bytes of a script, gzipped; each is fetched once. */
function scriptBytes(page: Page, source: string): Promise<number> {
  const known = scripts.get(source);
  if (known) return known;
  const bytes = page.request.get(source).then(async (script) => gzipSync(await script.body()).length);
  scripts.set(source, bytes);
  return bytes;
}

/** The scripts that the browser fetches before the page can act, gzipped. */
async function firstLoadBytes(page: Page, path: string): Promise<number> {
  const html = await (await page.request.get(path)).text();
  const tags = [...html.matchAll(/<script[^>]+src="([^"]+)"[^>]*>/g)].filter(
    ([tag]) => !/nomodule/i.test(tag),
  );
  const sources = [...new Set(tags.map(([, source]) => source ?? ''))];
  const bytes = await Promise.all(sources.map((source) => scriptBytes(page, source)));
  return bytes.reduce((sum, size) => sum + size, 0);
}

beforeAll(async () => {
  stack = await startStack({ demo: true });
  browser = await startBrowser();
  owner = await person(browser, stack.state.urls.web);
  await signIn(owner.page, stack.state.demo!.owner);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

describe('each page, light and dark', () => {
  it('has no axe violation with data, every rule on, and fits 390 px without scrolling sideways', async () => {
    const { page, complaints } = owner;
    for (const { path, full } of PAGES) {
      await goTo(page, path);
      await shows(page, full);
      await isFitEverywhere(page, path);
    }
    expect(complaints).toEqual([]);
  });

  it('has no axe violation in its dialogs either, and focus returns to what opened them', async () => {
    const { page } = owner;
    for (const { path, opens } of DIALOGS) {
      if (!page.url().endsWith(path)) await goTo(page, path);
      await page.getByRole('button', { name: opens, exact: true }).first().click();
      await page.getByRole('dialog').waitFor();
      await noSkeletons(page);
      await isFitInBoth(page, opens);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await focusedOn(page, opens)).toBe(opens);
    }
  });

  it('says that a workspace does not exist', async () => {
    const { page } = owner;
    await page.goto('/w/nowhere/agent');
    await settled(page);
    await shows(page, 'No such workspace');
    await isFitInBoth(page, 'no such workspace');
  });

  it('says to an editor that Settings belong to the owners', async () => {
    const { page, context } = await person(browser, stack.state.urls.web);
    await signIn(page, stack.state.demo!.editor);
    await page.goto('/settings/ai-providers');
    await settled(page);
    await shows(page, 'Settings belong to the owners');
    await isFitInBoth(page, 'Settings of an editor');
    await context.close();
  });

  it('signs in, up and invites, and says why a sign-in failed', async () => {
    const { page, context } = await person(browser, stack.state.urls.web);
    await page.goto('/sign-up');
    await isFitInBoth(page, 'sign up');
    await page.goto('/invite/not-a-link');
    await shows(page, 'This link does not work');
    await isFitInBoth(page, 'invite');
    await page.goto('/sign-in');
    await page.getByLabel('Email').fill('nobody@demo.test');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await shows(page, 'That e-mail and password do not match');
    await shows(page, 'Request id');
    await isFitInBoth(page, 'sign in');
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
      await goTo(page, path);
      await shows(page, empty);
      await isFit(page, `${path}, empty`);
    }
    await context.close();
  });

  it('says what failed, what to do, and the request id', async () => {
    const { page, complaints } = owner;
    const answer = { status: 503, contentType: 'application/problem+json', body: JSON.stringify(PROBLEM) };
    const planes = /\/(api\/v1|engine\/internal\/v1)\/(?!auth\/)/;
    await page.route(planes, (route) => route.fulfill(answer));
    for (const { path } of PAGES) {
      await page.goto(path);
      await shows(page, PROBLEM.requestId);
      await shows(page, PROBLEM.detail);
      await isFit(page, `${path}, failing`);
    }
    expect(complaints).toEqual([]);
    await page.unroute(planes);
  });

  it('is reached at 390 px by its rail, which opens as a drawer', async () => {
    const { page } = owner;
    await page.goto('/settings/tokens');
    await settled(page);
    await page.setViewportSize({ width: 390, height: 900 });
    await page.getByRole('button', { name: 'Navigation' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Members' }).click();
    await page.waitForURL('**/settings/members');
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it('loads at most 200 kB of script, gzipped, before it can act', async () => {
    const { page } = owner;
    for (const path of ['/sign-in', '/sign-up', '/invite/x', ...PAGES.map((entry) => entry.path)]) {
      const bytes = await firstLoadBytes(page, path);
      expect({ path, fits: bytes <= BUDGET_BYTES, bytes: bytes > BUDGET_BYTES ? bytes : 0 }).toEqual({
        path,
        fits: true,
        bytes: 0,
      });
    }
  });

  it('is reached by the palette from the keyboard', async () => {
    const { page } = owner;
    await goTo(page, '/settings/tokens');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Go to, or do …').fill('audit');
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/settings/audit');
  });
});
