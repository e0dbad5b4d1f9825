import type { Locator, Page } from 'playwright-core';

export interface Account {
  name: string;
  email: string;
  password: string;
}

/** The button of exactly this name. */
export function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name, exact: true });
}

/** Signs up by the form; ends on the first page of a new organization. */
export async function signUp(page: Page, account: Account, organization: string): Promise<void> {
  await page.goto('/sign-up');
  await page.getByLabel('Your name').fill(account.name);
  await page.getByLabel('Organization').fill(organization);
  await page.getByLabel('Email').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.waitForURL('**/settings/ai-providers');
}

export async function signIn(page: Page, account: { email: string; password: string }): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
}

/** Waits until the page has its heading and nothing on it is a skeleton any more. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await noSkeletons(page);
}

/** Goes to a page of the rail as a person does, by its link, and loads it where there is none. */
export async function goTo(page: Page, path: string): Promise<void> {
  const link = page.getByRole('navigation', { name: 'Main' }).locator(`a[href="${path}"]`);
  if (await link.isVisible()) await link.click();
  else await page.goto(path);
  await page.waitForURL(`**${path}`);
  await settled(page);
}

export async function noSkeletons(page: Page): Promise<void> {
  await page.locator('.mantine-Skeleton-root, [aria-busy="true"]').first().waitFor({ state: 'detached' });
}

/** Pastes as a person does: the text comes with the clipboard's event and is never typed into the field. */
export async function paste(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label).focus();
  await page.evaluate(`{
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', ${JSON.stringify(text)});
    document.activeElement.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    );
  }`);
}

/** Waits for something on the page; where it does not come, the error says what stood there instead. */
export async function sees(page: Page, awaited: Locator): Promise<void> {
  try {
    await awaited.waitFor();
  } catch (error) {
    const text = await page.locator('body').innerText();
    throw new Error(`${String(error)}\nThe page ${page.url()} says instead:\n${text}`);
  }
}

/** The name of what has the focus, as soon as that is `name`; of what has it after five seconds otherwise. */
export async function focusedOn(page: Page, name: string): Promise<string | null> {
  const NAME = 'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent';
  for (let tries = 0; tries < 50; tries += 1) {
    if ((await page.evaluate<string | null>(NAME)) === name) return name;
    await page.waitForTimeout(100);
  }
  return page.evaluate<string | null>(NAME);
}
