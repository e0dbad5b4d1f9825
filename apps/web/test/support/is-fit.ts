import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { axeViolations } from './axe.js';

/** Nothing on the page breaks a rule of accessibility, and nothing is wider than the screen. */
export async function isFit(page: Page, where: string): Promise<void> {
  expect({ where, violations: await axeViolations(page) }).toEqual({ where, violations: [] });
  const overflow = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect([where, overflow]).toEqual([where, 0]);
}
