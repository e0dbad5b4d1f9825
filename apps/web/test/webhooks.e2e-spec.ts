import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { startStack, type RunningStack } from '#lib/testing';
import { person, startBrowser, type Person } from './support/browser.js';
import { isFit, isFitEverywhere } from './support/is-fit.js';
import { button, goTo, sees, signUp } from './support/steps.js';

const OWNER = { name: 'Hugo Hook', email: 'hugo@hooks.test', password: 'a sentence of hugo' };

jest.setTimeout(240_000);

interface Message {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A receiver as a customer has one. */
const received: Message[] = [];
let status = 204;
let receiver: Server;
let url: string;
let stack: RunningStack;
let browser: Browser;
let owner: Person;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(status, { 'content-type': 'text/plain' }).end(status === 204 ? '' : 'it broke here');
    });
  });
  await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
  const { port } = receiver.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/claviger`;
  stack = await startStack({ env: { CLAVIGER_EGRESS_ALLOW: `http://127.0.0.1/32:${port}` } });
  browser = await startBrowser();
  owner = await person(browser, stack.state.urls.web);
  await signUp(owner.page, OWNER, 'Hooks Ltd');
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  receiver?.close();
});

const verifies = (secret: string, { headers, body }: Message): boolean => {
  try {
    new Webhook(secret).verify(
      body,
      Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, String(v)])),
    );
    return true;
  } catch {
    return false;
  }
};

/** The signing secret that the page shows, once; closes it as stored. */
async function storedSecret(): Promise<string> {
  const { page } = owner;
  const dialog = page.getByRole('dialog');
  await sees(page, dialog.getByText(/nobody can show it again/));
  expect(await dialog.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true);
  const secret = await dialog.locator('pre').first().innerText();
  await dialog.getByLabel('I stored it').check();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
  return secret;
}

describe('#55 #61 webhooks in a browser', () => {
  let first: string;

  it('an OWNER adds one: a refusal is told at its field, the secret is shown once', async () => {
    const { page } = owner;
    await goTo(page, '/settings/webhooks');
    await sees(page, page.getByRole('heading', { name: 'No webhooks yet' }));
    await button(page, 'Add a webhook').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Flows');
    await dialog.getByLabel('URL').fill('http://10.0.0.1/private');
    await dialog.getByLabel('Workspace').selectOption({ label: 'Default' });
    // What belongs to no workspace is not offered to a webhook of one.
    expect(await dialog.getByRole('group', { name: 'Provider keys' }).count()).toBe(0);
    await dialog.getByLabel('Workspace').selectOption('');
    await dialog.getByLabel('a key was added').check();
    await isFitEverywhere(page, 'the form of a webhook');
    await dialog.getByRole('button', { name: 'Add the webhook' }).click();
    await sees(page, dialog.getByText('This address is blocked'));
    await dialog.getByLabel('URL').fill(url);
    await dialog.getByRole('button', { name: 'Add the webhook' }).click();
    await sees(page, dialog.getByText(/^whsec_/));
    await isFit(page, 'a signing secret');
    first = await storedSecret();
    expect(await page.locator('body').innerText()).not.toContain(first);
    await sees(page, page.getByRole('row', { name: /Flows/ }).getByText('3 events'));
    await isFitEverywhere(page, 'webhooks');
  });

  it('a test arrives signed; what is not taken says why, shows what it said, and is sent again', async () => {
    const { page } = owner;
    await button(page, 'Deliveries Flows').click();
    const dialog = page.getByRole('dialog', { name: 'Flows' });
    await sees(page, dialog.getByText(/^No messages yet/));
    await button(page, 'Send a test').click();
    const messages = dialog.getByRole('list', { name: 'Deliveries' }).getByRole('listitem');
    await sees(page, messages.first().getByText('Delivered', { exact: true }));
    expect(verifies(first, received.at(-1)!)).toBe(true);

    status = 500;
    await button(page, 'Send a test').click();
    await sees(page, messages.nth(1));
    await sees(page, messages.first().getByText('it broke here'));
    await sees(page, messages.first().getByText(/^Not taken in 1 attempt; the next one is at/));
    await messages
      .first()
      .getByRole('button', { name: /^Payload/ })
      .click();
    expect(await messages.first().locator('pre').innerText()).toContain('"type": "webhook.test"');
    await isFitEverywhere(page, 'deliveries');
    status = 204;
    const failed = received.at(-1)!.headers['webhook-id'];
    await messages
      .first()
      .getByRole('button', { name: /^Redeliver/ })
      .click();
    await sees(page, messages.first().getByText('Delivered', { exact: true }));
    expect(received.at(-1)!.headers['webhook-id']).toBe(failed);
    await dialog.getByLabel('Messages').selectOption('failed');
    await sees(page, dialog.getByText('No message is in this state.'));
  });

  it('a rotated secret signs beside the old one until the overlap ends', async () => {
    const { page } = owner;
    const dialog = page.getByRole('dialog', { name: 'Flows' });
    await dialog.getByRole('tab', { name: 'Signing secret' }).click();
    await sees(page, dialog.getByText(/version 1\./));
    await isFit(page, 'rotate a signing secret');
    await button(page, 'Rotate the secret').click();
    await sees(page, dialog.getByText(/^whsec_/));
    const second = await storedSecret();
    expect(second).not.toBe(first);
    await button(page, 'Deliveries Flows').click();
    const before = received.length;
    await button(page, 'Send a test').click();
    await sees(page, dialog.getByRole('listitem').nth(2));
    await sees(page, dialog.getByRole('listitem').first().getByText('Delivered', { exact: true }));
    expect(received.length).toBeGreaterThan(before);
    expect([first, second].map((secret) => verifies(secret, received.at(-1)!))).toEqual([true, true]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('one that is disabled gets nothing and says so; it is edited, enabled and deleted', async () => {
    const { page, complaints } = owner;
    const row = page.getByRole('row', { name: /Flows/ });
    await button(page, 'Disable Flows').click();
    await sees(page, row.getByText('Disabled', { exact: true }));
    // As a notice links to it.
    const id = await page.evaluate<string>(
      `fetch('/api/v1/webhooks').then((answer) => answer.json()).then(({ data }) => data[0].id)`,
    );
    await page.goto(`/settings/webhooks?webhook=${id}`);
    await sees(page, page.getByText(/^The webhook is disabled: nothing is sent to it/));
    expect(await button(page, 'Send a test').isDisabled()).toBe(true);
    const dialog = page.getByRole('dialog', { name: 'Flows' });
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.waitForURL('**/settings/webhooks');
    await button(page, 'Edit Flows').click();
    expect(await dialog.getByLabel('Workspace').isDisabled()).toBe(true);
    await dialog.getByLabel('a run failed').uncheck();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await sees(page, row.getByText('2 events'));
    await button(page, 'Enable Flows').click();
    await sees(page, row.getByText('Enabled', { exact: true }));
    await button(page, 'Delete Flows').click();
    await sees(page, page.getByText(/its signing secret is erased/));
    await isFit(page, 'delete a webhook');
    await button(page, 'Delete the webhook').click();
    await sees(page, page.getByRole('heading', { name: 'No webhooks yet' }));
    expect(complaints).toEqual([]);
  });
});
