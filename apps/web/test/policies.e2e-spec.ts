import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startStack, type RunningStack } from '#lib/testing';
import { person, startBrowser } from './support/browser.js';
import { isFit } from './support/is-fit.js';
import { button, settled, signIn } from './support/steps.js';

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

async function runModel(model: string): Promise<{ status: number; code?: string }> {
  const { urls, demo } = stack.state;
  const answer = await fetch(`${urls.engine}/internal/v1/workspaces/${demo!.workspaceId}/agent-runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${demo!.engineToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ nodeExecutionId: `policies-${Date.now()}`, agent: { model, prompt: 'Hi.' } }),
  });
  const { code } = (await answer.json()) as { code?: string };
  return { status: answer.status, code };
}

describe('#61 Settings → Policies', () => {
  it('makes a policy that the engine obeys, shows what broke it, lets off for a while, and tells its history', async () => {
    const { page, context, complaints } = await person(browser, stack.state.urls.web, { dark: false });
    await signIn(page, stack.state.demo!.owner);
    await page.goto('/settings/policies');
    await settled(page);
    await button(page, 'New policy').click();
    await page.getByLabel('Name').fill('No mini');
    await page.getByLabel('Never these').fill('*mini*');
    await button(page, 'Try on recent runs').click();
    await page.getByText('runs would have been refused', { exact: false }).waitFor();
    await isFit(page, 'the form');
    await button(page, 'Save the policy').click();
    await page.getByRole('cell', { name: 'Models: not *mini*' }).waitFor();
    await page.waitForTimeout(2_000);
    expect(await runModel('gpt-4.1-mini')).toEqual({ status: 422, code: 'policy_violation' });
    await page.reload();
    await settled(page);
    await page.getByText('uses the model "gpt-4.1-mini"', { exact: false }).waitFor();
    await isFit(page, 'the list');

    await button(page, 'Exceptions No mini').click();
    await page.getByLabel('Let off').selectOption({ index: 1 });
    await page.getByLabel('Reason').fill('incident 7');
    await button(page, 'Approve the exception').click();
    await page.getByText('incident 7').waitFor();
    await isFit(page, 'the exceptions');
    await page.keyboard.press('Escape');

    await button(page, 'History No mini').click();
    await page.getByText('Version 1', { exact: false }).waitFor();
    await isFit(page, 'the history');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('#48 makes rules about what is said and what is kept', async () => {
    const { page, context, complaints } = await person(browser, stack.state.urls.web, { dark: false });
    await signIn(page, stack.state.demo!.owner);
    await page.goto('/settings/policies');
    await settled(page);
    await button(page, 'New policy').click();
    await page.getByLabel('Name').fill('No addresses');
    await page.getByLabel('Covers').selectOption({ index: 1 });
    const add = page.getByLabel('Add a rule about');
    for (const kind of ['Personal data', 'Pattern', 'A judge', 'What is kept']) {
      await add.selectOption({ label: kind });
    }
    await page.getByLabel('E-mail addresses').check();
    await page.getByLabel('Pattern', { exact: true }).fill('a(?=b)');
    await page.getByLabel('The rule in words').fill('Nobody may speak of mergers.');
    await page.getByLabel('Judged with the key').selectOption({ index: 1 });
    await page.getByLabel('And the model').fill('no-such-model');
    await isFit(page, 'the form of what is said');
    await button(page, 'Remove rule 4').click();
    await button(page, 'Remove rule 1').click();
    await button(page, 'Save the policy').click();
    await page.getByText('lookahead', { exact: false }).first().waitFor();
    await page.getByLabel('Pattern', { exact: true }).fill('Acme-\\d+');
    await button(page, 'Save the policy').click();
    await page.getByText('Pattern Acme-', { exact: false }).first().waitFor();
    await page.getByText('Kept of a run: steps, use and cost', { exact: false }).first().waitFor();
    await isFit(page, 'the list of what is said');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('is fit for 390 px in the dark, with data', async () => {
    const { page, context } = await person(browser, stack.state.urls.web, { dark: true });
    await signIn(page, stack.state.demo!.owner);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto('/settings/policies');
    await settled(page);
    await page.getByText('Models: not *mini*').first().waitFor();
    await isFit(page, '390 px');
    await context.close();
  });
});
