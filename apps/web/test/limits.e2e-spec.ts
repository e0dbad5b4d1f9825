import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startStack, type RunningStack } from '#lib/testing';
import { person, startBrowser } from './support/browser.js';
import { isFit } from './support/is-fit.js';
import { button, sees, settled, signIn } from './support/steps.js';

jest.setTimeout(240_000);

let stack: RunningStack;
let browser: Browser;

beforeAll(async () => {
  stack = await startStack({ demo: true });
  browser = await startBrowser();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

describe('#45 #53 limits in the browser', () => {
  it('an OWNER sets a budget and a price of their own, and sees both', async () => {
    const { page, context, complaints } = await person(browser, stack.state.urls.web, { dark: false });
    await signIn(page, stack.state.demo!.owner);
    await page.goto('/settings/usage');
    await settled(page);
    await button(page, 'New budget or quota').click();
    await page.getByLabel('Name').fill('All of it');
    await page.getByLabel('At most, in US dollars').fill('12,50');
    await sees(page, page.getByText('Give a plain number, like 25 or 12.50.'));
    expect(await button(page, 'Save').isDisabled()).toBe(true);
    await page.getByLabel('At most, in US dollars').fill('12.50');
    await isFit(page, 'the form of a budget');
    await button(page, 'Save').click();
    const budget = page.getByRole('row', { name: /All of it/ });
    await sees(page, budget.getByText('Whole organization'));
    expect(await budget.innerText()).toMatch(/\$12\.50/);

    await button(page, 'Set a price').click();
    await page.getByLabel('Model', { exact: true }).fill('gpt-4.1-mini');
    await page.getByLabel('Input, US dollars for a million tokens').fill('0.1');
    await page.getByLabel('Output, US dollars for a million tokens').fill('0.4');
    await isFit(page, 'the form of a price');
    await button(page, 'Set the price').click();
    const price = page.getByRole('row', { name: /gpt-4\.1-mini/ }).filter({ hasText: 'as input' });
    await sees(page, price.getByText('$0.10'));
    await page.setViewportSize({ width: 390, height: 844 });
    await isFit(page, 'Plan & Usage at 390 px');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('#51 a token is held to limits of its own, and none is left that is not', async () => {
    const { page, context, complaints } = await person(browser, stack.state.urls.web, { dark: false });
    await signIn(page, stack.state.demo!.owner);
    await page.goto('/settings/tokens');
    await settled(page);
    const make = async (providers: string) => {
      await button(page, 'New token').click();
      await page.getByLabel('Name').fill('Held');
      await page.getByLabel('For', { exact: true }).selectOption('workspace');
      await button(page, 'Limits of its own').click();
      await page.getByLabel('Requests per minute').fill('3');
      await page.getByLabel('Budget a month').fill('2.50');
      await page.getByLabel('Only these providers').fill(providers);
      await page.getByLabel('Only these models').fill('gpt-4.1*');
      await button(page, 'Create the token').click();
    };
    // What can't be held to its limits is not made: the token that was is revoked unseen.
    await make('opnai');
    await sees(page, page.getByText(/There is no such provider/).first());
    await isFit(page, 'the form of a token with limits');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.getByRole('row', { name: /Held/ }).count()).toBe(0);

    await make('openai');
    const token = await page.getByRole('dialog').locator('pre').first().innerText();
    await page.getByLabel('I stored it').check();
    await button(page, 'Done').click();
    const row = page.getByRole('row', { name: /Held/ });
    for (const words of [
      '3 requests a minute',
      '$2.50 a month',
      'Providers: only openai',
      'Models: only gpt-4.1*',
    ])
      await sees(page, row.getByText(words));
    await page.setViewportSize({ width: 390, height: 844 });
    await isFit(page, 'Tokens at 390 px');
    const call = (model: string) =>
      fetch(`${stack.state.urls.engine}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi.' }], max_tokens: 10 }),
      });
    expect((await call('gpt-4.1-mini')).status).toBe(200);
    expect(await (await call('claude-haiku-4-5')).json()).toMatchObject({
      error: { code: 'policy_violation' },
    });
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('#13 an OWNER names models for all workspaces and for one, changes an alias and takes it away', async () => {
    const { page, context, complaints } = await person(browser, stack.state.urls.web, { dark: false });
    await signIn(page, stack.state.demo!.owner);
    await page.goto('/settings/workspaces');
    await settled(page);
    const rows = page.getByRole('table', { name: 'Model aliases' }).getByRole('row');
    const workspaces = ['', stack.state.demo!.workspaceId];
    for (const workspaceId of workspaces) {
      await button(page, 'New alias').click();
      await page.getByLabel('Alias', { exact: true }).fill('fast');
      await page.getByLabel('Where').selectOption(workspaceId);
      await page.getByLabel('Models, one a line').fill('no-such-thing\n@opnai/gpt-5');
      await button(page, 'Save').click();
      await sees(page, page.getByText(/There is no provider "opnai"/).first());
      await page.getByLabel('Models, one a line').fill('gpt-5\nclaude-haiku-4-5');
      if (workspaceId === '') await isFit(page, 'the form of an alias');
      await button(page, 'Save').click();
      await sees(
        page,
        rows.filter({ hasText: 'gpt-5, claude-haiku-4-5' }).nth(workspaces.indexOf(workspaceId)),
      );
    }
    const ofAll = rows.filter({ hasText: 'Whole organization' });
    await ofAll.getByRole('button', { name: /^Edit fast/ }).click();
    await page.getByLabel('Models, one a line').fill('gpt-4.1-mini');
    await button(page, 'Save').click();
    await sees(page, ofAll.getByText('gpt-4.1-mini'));
    await page.setViewportSize({ width: 390, height: 844 });
    await isFit(page, 'Workspaces at 390 px');
    await ofAll.getByRole('button', { name: /^Delete fast/ }).click();
    await ofAll.waitFor({ state: 'detached' });
    await sees(page, rows.filter({ hasText: 'gpt-5, claude-haiku-4-5' }));
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('A an editor sees which key would serve, which are passed over and why, and the room that is left', async () => {
    const { page, context, complaints } = await person(browser, stack.state.urls.web, { dark: true });
    await signIn(page, stack.state.demo!.editor);
    await settled(page);
    await page.getByRole('combobox', { name: 'Model' }).click();
    await page.getByRole('option', { name: /Sonnet 4\.6/ }).click();
    await page.getByLabel('Prompt').fill('Say hello.');
    await page.getByRole('button', { name: /^Try it/ }).click();
    await sees(page, page.getByText('Finished'));
    await button(page, 'Why this key?').click();
    await sees(page, page.getByText('A call made now is served by'));
    await sees(page, page.getByRole('list', { name: 'Keys passed over' }));
    const over = await page.getByRole('list', { name: 'Keys passed over' }).innerText();
    expect(over).toMatch(/OpenAI/);
    // The figures of a budget are not a MEMBER's to read.
    const room = await page.getByRole('list', { name: 'Room left' }).innerText();
    expect(room).toContain('spend in US dollars of the organization this month: room left');
    expect(room).not.toMatch(/12\.50|All of it/);
    await isFit(page, 'why this key');
    expect(complaints).toEqual([]);
    await context.close();
  });
});
