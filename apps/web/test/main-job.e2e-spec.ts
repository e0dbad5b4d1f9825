import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startFakeUpstream, startStack, type FakeUpstream, type RunningStack } from '#lib/testing';
import { axeViolations } from './support/axe.js';
import { person, startBrowser, type Person } from './support/browser.js';
import { paste, sees, settled, signUp } from './support/steps.js';

const KEY = `sk-ant-api03-${'browserMainJob'.repeat(3)}9xQd`;
const OWNER = { name: 'Olga Owner', email: 'olga@first.test', password: 'a sentence of olga' };
const EDITOR = { name: 'Edgar Editor', email: 'edgar@first.test', password: 'a sentence of edgar' };
const STRANGER = { name: 'Sam Stranger', email: 'sam@second.test', password: 'a sentence of sam' };
const SETTINGS = ['ai-providers', 'workspaces', 'members', 'tokens', 'webhooks', 'usage', 'audit'];

let upstream: FakeUpstream;
// A browser, axe on every page, and perhaps other suites beside it: generous, because nothing here is a measurement.
jest.setTimeout(240_000);

let stack: RunningStack;
let browser: Browser;
let owner: Person;
let editor: Person;
let inviteLink: string;

/** Runs the prompt in the editor and waits for its end. */
async function tryIt({ page }: Person, prompt: string, end: 'Finished' | 'Failed'): Promise<void> {
  await page.getByLabel('Prompt').fill(prompt);
  await page.getByRole('button', { name: 'Try it' }).click();
  await sees(page, page.getByText(end, { exact: true }));
}

beforeAll(async () => {
  upstream = await startFakeUpstream();
  stack = await startStack({ env: { CLAVIGER_EGRESS_ALLOW: `http://127.0.0.1/32:${upstream.port}` } });
  browser = await startBrowser();
  owner = await person(browser, stack.state.urls.web);
  editor = await person(browser, stack.state.urls.web);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  await upstream?.stop();
});

describe('the main job in a browser', () => {
  it('#1 a newcomer signs up and is shown how to add a first key', async () => {
    await signUp(owner.page, OWNER, 'First Org');
    await owner.page.getByRole('heading', { name: 'Add your first key' }).waitFor();
    await settled(owner.page);
    expect(await axeViolations(owner.page)).toEqual([]);
  });

  it('#17 #19 OWNER pastes a key; it is masked at once, saved, and tested over the real path', async () => {
    const { page } = owner;
    await page.getByRole('button', { name: 'Add a key' }).click();
    await paste(page, 'Paste a key, a curl line or an .env block', `export ANTHROPIC_API_KEY="${KEY}"`);
    await page.getByText('sk-ant-…9xQd').waitFor();
    expect(await page.locator('body').innerText()).not.toContain(KEY);
    const field = page.getByLabel('API key');
    expect(await field.getAttribute('type')).toBe('password');
    expect(await field.getAttribute('autocomplete')).toBe('new-password');
    await page.getByLabel('Name', { exact: true }).fill('Production Claude');
    await page.getByLabel('Base URL').fill(upstream.baseUrls.anthropic);
    await page.getByRole('button', { name: 'Save and test' }).click();
    await page
      .getByText('Production Claude is saved as', { exact: false })
      .or(page.getByRole('button', { name: 'Continue' }))
      .waitFor();
    const goOn = page.getByRole('button', { name: 'Continue' });
    if (await goOn.isVisible()) await goOn.click();
    expect(await page.getByText('Production Claude is saved as').innerText()).toMatch(/sk-ant-\S*9xQd$/);
    expect(upstream.requests.some(({ headers }) => headers['x-api-key'] === KEY)).toBe(true);
  });

  it('#26 hands it to the workspace in the same drawer, and focus returns to what opened it', async () => {
    const { page } = owner;
    await page.getByLabel('Default', { exact: true }).check();
    await page.getByRole('button', { name: 'Hand to 1 workspace' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const row = page.getByRole('row', { name: /Production Claude/ });
    await row.getByText('Configured', { exact: true }).waitFor();
    await page.getByText('Production Claude was handed to 1 workspace').waitFor();
  });

  it('#4 an invited person makes an account, asks to join, and is approved', async () => {
    const { page } = owner;
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('button', { name: 'New invite link' }).first().click();
    await page.getByRole('button', { name: 'Create the link' }).click();
    inviteLink = (await page.locator('pre').innerText()).trim();
    await page.getByRole('button', { name: 'Done' }).click();

    await editor.page.goto(inviteLink);
    await editor.page.getByRole('heading', { name: 'Join First Org' }).waitFor();
    await editor.page.getByLabel('Your name').fill(EDITOR.name);
    await editor.page.getByLabel('Email').fill(EDITOR.email);
    await editor.page.getByLabel('Password').fill(EDITOR.password);
    await editor.page.getByRole('button', { name: 'Create the account and ask to join' }).click();
    await editor.page.getByRole('heading', { name: 'You asked to join' }).waitFor();

    await page.reload();
    await page.getByRole('button', { name: 'Approve Edgar Editor' }).click();
    await page.getByText('Edgar Editor is approved').waitFor();
  });

  it('#3 grants are off until OWNER gives them, workspace by workspace', async () => {
    const { page } = owner;
    await page.getByRole('link', { name: 'Workspaces', exact: true }).click();
    await page.getByRole('button', { name: 'Edit Default', exact: true }).click();
    await page.getByRole('tab', { name: 'Members' }).click();
    await page.getByLabel('Edgar Editor', { exact: true }).and(page.locator('input')).click();
    await page.getByText('What Edgar Editor may do is saved').waitFor();
    const saved = page.waitForResponse(
      (response) => response.request().postData()?.includes('"canExecute":true') ?? false,
    );
    await page.getByLabel('Edgar Editor may run').click();
    expect((await saved).ok()).toBe(true);
    expect(await page.getByLabel('Edgar Editor may delete').isChecked()).toBe(false);
    await page.keyboard.press('Escape');
  });

  it('#27 #32 the editor picks a model of that key, tries it, and sees which key served', async () => {
    const { page } = editor;
    await page.goto('/');
    await page.getByRole('heading', { name: 'Agent node · Default' }).waitFor();
    await page.getByRole('combobox', { name: 'Model' }).click();
    const unavailable = page.getByRole('option', { name: /gemini-2\.5-pro/ });
    expect(await unavailable.getAttribute('data-combobox-disabled')).toBe('true');
    expect(await unavailable.innerText()).toMatch(/OWNER|owner/);
    await page.getByRole('option', { name: /Sonnet 4\.6/ }).click();
    upstream.script({ text: ['Brass ', 'turns ', 'once.'], usage: { input: 12, output: 4 } });
    await tryIt(editor, 'Say something about keys.', 'Finished');
    expect(await page.getByRole('log').innerText()).toContain('Brass turns once.');
    await page.getByText('Production Claude').waitFor();
    await page.getByText('12 in, 4 out').waitFor();
    expect(upstream.requests.at(-1)?.headers['x-api-key']).toBe(KEY);
    expect(upstream.requests.every(({ url }) => !url.includes(KEY))).toBe(true);
  });

  it('#2 a MEMBER sees no Settings, not even by their address', async () => {
    const { page } = editor;
    expect(await page.getByRole('link', { name: 'AI Providers' }).count()).toBe(0);
    for (const path of [...SETTINGS, 'mcp-servers']) {
      await page.goto(`/settings/${path}`);
      await page.getByRole('heading', { name: 'Settings belong to the owners' }).waitFor();
      expect(await page.locator('body').innerText()).not.toContain('Production Claude');
    }
  });

  it('#7 a second organization sees nothing of the first', async () => {
    const stranger = await person(browser, stack.state.urls.web);
    await signUp(stranger.page, STRANGER, 'Second Org');
    for (const path of [...SETTINGS.map((name) => `settings/${name}`), 'w/default/agent', 'w/default/runs']) {
      await stranger.page.goto(`/${path}`);
      await settled(stranger.page);
      const text = await stranger.page.locator('body').innerText();
      expect(text).not.toMatch(/First Org|Production Claude|Olga|Edgar|9xQd/);
    }
    await stranger.context.close();
  });

  it('#21 #28 OWNER disables the key: the editor is told what happened, and whom to ask', async () => {
    await owner.page.getByRole('link', { name: 'AI Providers' }).click();
    await owner.page.getByRole('button', { name: 'Disable Production Claude' }).click();
    await owner.page
      .getByRole('row', { name: /Production Claude/ })
      .getByText('Disabled', { exact: true })
      .waitFor();
    const before = upstream.requests.length;
    await editor.page.goto('/w/default/agent');
    await sees(editor.page, editor.page.getByRole('heading', { name: 'No model can be used here yet' }));
    expect(await editor.page.locator('main').innerText()).toMatch(/owner/i);
    expect(upstream.requests.length).toBe(before);
  });

  it('#28 a try that was already open fails with a named problem and a request id', async () => {
    await owner.page.getByRole('button', { name: 'Enable Production Claude' }).click();
    await owner.page
      .getByRole('row', { name: /Production Claude/ })
      .getByText('Configured', { exact: true })
      .waitFor();
    await editor.page.reload();
    await editor.page.getByLabel('Prompt').waitFor();
    await owner.page.getByRole('button', { name: 'Disable Production Claude' }).click();
    await owner.page
      .getByRole('row', { name: /Production Claude/ })
      .getByText('Disabled', { exact: true })
      .waitFor();
    // What every revocation promises: calls that start two seconds after its answer are refused, whatever gets lost.
    await editor.page.waitForTimeout(2_000);
    await tryIt(editor, 'Once more.', 'Failed');
    const alert = editor.page.getByRole('alert').filter({ hasText: 'Request id' });
    expect(await alert.innerText()).toMatch(/req_/);
  });

  it('#24 #25 OWNER sees the blast radius before deleting a key in use, and types its name', async () => {
    const { page } = owner;
    await page.getByRole('button', { name: 'Delete Production Claude' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 workspace loses this key at once:').waitFor();
    const confirm = dialog.getByRole('button', { name: 'Delete the key' });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByLabel('Type “Production Claude” to confirm').fill('Production Claude');
    await confirm.click();
    await page.getByRole('heading', { name: 'Add your first key' }).waitFor();
  });

  it('#17 the key is in no storage of the browser and the pages broke no policy', async () => {
    for (const { page, complaints } of [owner, editor]) {
      const kept = String(
        await page.evaluate(
          'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.documentElement.outerHTML])',
        ),
      );
      expect(kept).not.toContain(KEY);
      expect(complaints).toEqual([]);
    }
  });
});
