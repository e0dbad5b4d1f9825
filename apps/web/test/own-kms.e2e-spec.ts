import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { FakeKms, FakeSts, startStack, type RunningStack } from '#lib/testing';
import { axeViolations } from './support/axe.js';
import { person, startBrowser } from './support/browser.js';
import { noSkeletons, sees, settled, signUp } from './support/steps.js';

jest.setTimeout(240_000);

const ROLE = 'arn:aws:iam::222233334444:role/claviger-key';
let kms: FakeKms;
let sts: FakeSts;
let stack: RunningStack;
let browser: Browser;

beforeAll(async () => {
  kms = await FakeKms.start();
  sts = await FakeSts.start();
  kms.sts = sts;
  const env = {
    CLAVIGER_ORG_KMS: 'aws',
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_KMS: kms.url,
    AWS_ENDPOINT_URL_STS: sts.url,
    AWS_ACCESS_KEY_ID: 'AKIDPLATFORM',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  stack = await startStack({ env });
  browser = await startBrowser();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  await Promise.all([kms?.stop(), sts?.stop()]);
});

async function name(page: Page, keyId: string): Promise<void> {
  await page.getByLabel('ARN of the KMS key').fill(keyId);
  await page.getByLabel('ARN of the role').fill(ROLE);
  await page.getByRole('button', { name: /^Try it/ }).click();
}

describe('an owner and their own KMS key, over the real processes', () => {
  it('reads the external id, is told what AWS refused, mends it, uses the key and stops using it; light, dark and narrow', async () => {
    const { page, context, complaints } = await person(browser, stack.state.urls.web);
    const account = { name: 'Olga', email: 'olga@example.test', password: 'correct horse battery' };
    await signUp(page, account, 'Olga & Co');
    await page.goto('/settings/organization');
    await settled(page);
    const text = await page.locator('pre').innerText();
    const externalId = /external_id = "([0-9a-f]{64})"/.exec(text)?.[1];
    expect(externalId).toBeDefined();
    expect(await axeViolations(page)).toEqual([]);

    const keyId = kms.createKeyOf(ROLE);
    await name(page, keyId);
    await sees(page, page.getByText('The key is not used: nothing was changed'));
    await sees(page, page.getByText(/AssumeRole: AccessDenied/).first());
    expect(await axeViolations(page)).toEqual([]);

    sts.addRole({ arn: ROLE, externalId: externalId ?? '' });
    await name(page, keyId);
    await sees(page, page.getByText('New secrets are wrapped under your key').first());
    expect(kms.calls.map(({ operation, session }) => [operation, session?.tags['claviger-process']])).toEqual(
      [
        ['GenerateDataKey', 'api'],
        ['Decrypt', 'engine'],
      ],
    );
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await axeViolations(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate<boolean>('document.documentElement.scrollWidth <= 390')).toBe(true);

    await page.getByRole('button', { name: 'Stop using it' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop using it' }).click();
    await sees(page, page.getByText('New secrets are wrapped under the platform’s key').first());
    await noSkeletons(page);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
