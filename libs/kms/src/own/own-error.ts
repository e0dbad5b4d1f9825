import type { OwnKmsKey } from '#lib/contracts';
import { KmsError, type OwnKeyMender } from '../kms-error.js';

/**
 * The failure as one of the organization's own key. Its message quotes the cloud, for the OWNER: the organization's
 * ARNs stay, whatever else names somebody is taken out, the identities of this installation first.
 */
export function ownKeyError(error: KmsError, key: OwnKmsKey): KmsError {
  const cause =
    error.cause instanceof Error ? `${error.message}: ${clean(error.cause.message, key)}` : error.message;
  return new KmsError(error.kind, cause.slice(0, 500), { cause: error, ownKey: 'owner' });
}

export function ownKeyProblem(
  kind: 'denied' | 'unavailable',
  why: string,
  mender: OwnKeyMender,
  cause?: unknown,
): KmsError {
  return new KmsError(kind, why, { cause, ownKey: mender });
}

function clean(text: string, { roleArn, keyArn }: OwnKmsKey): string {
  const theirs = new Set([accountOf(roleArn), accountOf(keyArn)]);
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/arn:[\w-]*:[^\s"'<>,)]+/g, (arn) =>
      theirs.has(accountOf(arn)) ? arn : '(an identity of this installation)',
    )
    .replace(/\b(?:A[KS]IA|AROA|AIDA)[A-Z0-9]{8,}/g, '(an access key)')
    .replace(/\b\d{12}\b/g, (account) => (theirs.has(account) ? account : '(an account)'));
}

function accountOf(arn: string): string | undefined {
  return arn.split(':')[4];
}
