import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { axeViolations } from './axe.js';

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 900 };

/** Nothing on the page breaks a rule of accessibility, and nothing is wider than the screen. */
export async function isFit(page: Page, where: string): Promise<void> {
  expect({ where, violations: await axeViolations(page) }).toEqual({ where, violations: [] });
  const overflow = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect([where, overflow]).toEqual([where, 0]);
}

/** Lets the page follow the system into this scheme, as it does for a person at dusk: nothing is loaded again. */
async function turn(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' });
}

/** Fit in the dark, and in the light; ends in the light. */
export async function isFitInBoth(page: Page, where: string): Promise<void> {
  for (const scheme of ['dark', 'light'] as const) {
    await turn(page, scheme);
    await isFit(page, `${where}, ${scheme}`);
  }
}

/** Fit in the dark, in the light and on a screen of 390 px, switched in place; ends light and wide. */
export async function isFitEverywhere(page: Page, where: string): Promise<void> {
  await isFitInBoth(page, where);
  await page.setViewportSize(NARROW);
  await isFit(page, `${where}, 390 px`);
  await page.setViewportSize(WIDE);
}
