import { ClavigerError } from '#lib/contracts';
import { KmsError } from '#lib/kms';

/** A caller gets its answer within 2 s, whatever the KMS does (CUSTODY §3). */
export const KMS_DEADLINE_MS = 1_900;

/** Waits for `promise` up to `ms`, then throws KmsError `unavailable`. The work itself goes on. */
export async function withinDeadline<T>(promise: Promise<T>, ms: number = KMS_DEADLINE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new KmsError('unavailable', `no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a caller is told of a KMS failure; the cause is for logs. Anything else is passed on as it is. */
export function toPublicError(error: unknown): unknown {
  return error instanceof KmsError ? new ClavigerError(...describe(error), { cause: error }) : error;
}

function describe(error: KmsError): ['kms_unavailable' | 'internal', string] {
  if (error.ownKey && error.kind !== 'tampered') return ['kms_unavailable', ownKeyDetail(error)];
  switch (error.kind) {
    case 'unavailable':
    case 'throttled':
      return [
        'kms_unavailable',
        'The key service does not answer, so the provider key can’t be used right now. Try again in a few seconds; if it lasts, the operator of this installation has to look at the KMS.',
      ];
    case 'denied':
      return [
        'kms_unavailable',
        'The key service refused this process the use of the master key. The operator of this installation has to restore its permission; nothing has to be entered again.',
      ];
    case 'key_gone':
      return [
        'kms_unavailable',
        'The master key of this secret is disabled or gone. The operator of this installation can enable or restore it; otherwise an OWNER has to enter the provider key again.',
      ];
    case 'tampered':
      return [
        'internal',
        'The stored secret failed its integrity check. An OWNER can enter the provider key again; the operator should find out why.',
      ];
  }
}

const WHERE = 'under Settings → Organization → Your own KMS key';

/** The organization's own key: the operator of this installation can do nothing about it, and is not sent for. */
function ownKeyDetail({ kind, ownKey }: KmsError): string {
  if (ownKey === 'operator') {
    return 'This secret is wrapped under your organization’s own KMS key, and this installation has been told not to use such keys. The operator has to set CLAVIGER_ORG_KMS=aws again.';
  }
  return kind === 'unavailable' || kind === 'throttled'
    ? `Your organization’s own KMS key, or its role, does not answer. Try again in a few seconds; if it lasts, an OWNER has to look at the key in your AWS account (it is named ${WHERE}).`
    : `Your organization’s own KMS key refused: it or its role is disabled, gone, or does not allow this. An OWNER has to look at the key’s policy and the role’s trust policy in your AWS account (both are named ${WHERE}); nothing has to be entered again.`;
}
