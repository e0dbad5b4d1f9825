import { existsSync } from 'node:fs';
import sparticuz from '@sparticuz/chromium';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/** What suits a function in the cloud but no test: people of one process, and a browser that guards nothing. */
const UNWANTED = ['--single-process', '--disable-web-security', '--allow-running-insecure-content'];

/**
 * Starts a real Chromium: the one inside the npm package, or CHROMIUM_PATH.
 * Throws where there is none: a suite that did not run proves nothing.
 */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? (await sparticuz.executablePath());
  if (!existsSync(executablePath)) {
    throw new Error(`There is no Chromium at ${executablePath}: set CHROMIUM_PATH.`);
  }
  const args = sparticuz.args.filter((argument) => !UNWANTED.includes(argument));
  return chromium.launch({ args: [...args, '--no-sandbox'], executablePath });
}

/** One person at one machine: a browser profile of their own, and what the browser complained of. */
export interface Person {
  page: Page;
  context: BrowserContext;
  /** Errors of the page itself, and policy violations. */
  complaints: string[];
}

export async function person(
  browser: Browser,
  web: string,
  options: { dark?: boolean; width?: number } = {},
): Promise<Person> {
  const context = await browser.newContext({
    baseURL: web,
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text());
  });
  return { page, context, complaints };
}
