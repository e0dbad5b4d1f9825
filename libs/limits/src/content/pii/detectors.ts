import type { PiiKind } from '../rules.js';
import { ipv4, ipv6, mac } from './addresses.js';
import { birthDate } from './birth-date.js';
import { creditCard } from './credit-card.js';
import type { Detector } from './detector.js';
import { email } from './email.js';
import { iban } from './iban.js';
import { nationalId } from './national-ids.js';
import { phone } from './phone.js';
import { usSsn } from './us-ssn.js';

/**
 * Every kind but `secret`, which grows (./secret-scanner.ts). What has no form of its own, such as names of persons and postal
 * addresses, is left to a natural-language policy: a list of names finds half of them, and as many that are none.
 */
export const DETECTORS: Detector[] = [
  email,
  phone,
  creditCard,
  iban,
  usSsn,
  nationalId,
  ipv4,
  ipv6,
  mac,
  birthDate,
];

export function detectorsOf(kinds: readonly PiiKind[]): Detector[] {
  return DETECTORS.filter(({ kind }) => kinds.includes(kind));
}
