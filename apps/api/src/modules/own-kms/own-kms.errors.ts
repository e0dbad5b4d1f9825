import { ClavigerError } from '#lib/contracts';
import type { KmsError } from '#lib/kms';

export function notOffered(): ClavigerError {
  return new ClavigerError(
    'validation_failed',
    'This installation does not use KMS keys of organizations: it has no AWS identity to assume your role with. The operator can give its processes one and set CLAVIGER_ORG_KMS=aws.',
  );
}

export function otherAccount(): ClavigerError {
  const detail = 'Name a role of the account that the key belongs to.';
  return new ClavigerError('validation_failed', detail, { errors: [{ pointer: '/roleArn', detail }] });
}

/** What the cloud said when the api asked. `said` names nobody but the organization. */
export function refusedByCloud(error: KmsError): ClavigerError {
  const said = `AWS said: ${error.message}.`;
  if (error.kind === 'unavailable' || error.kind === 'throttled') {
    return new ClavigerError(
      'kms_unavailable',
      `Your KMS key could not be tried, and nothing was changed. ${said} Try again in a few seconds.`,
      { cause: error },
    );
  }
  const atRole = error.message.includes('AssumeRole');
  const next = atRole
    ? 'Let the role’s trust policy allow sts:AssumeRole and sts:TagSession to this installation’s roles, with this external id and these session tags.'
    : 'Let the role and the key’s own policy allow kms:GenerateDataKey to sessions tagged claviger-process=api, and see that the key is symmetric and enabled.';
  return problem(atRole ? '/roleArn' : '/keyId', `${said} ${next}`, error);
}

/** The engine could not open what the api had sealed: keys entered from now on would have been unusable. */
export function refusedToEngine(said: string): ClavigerError {
  const next =
    'Let the role’s trust policy admit the engine too (session tag claviger-process=engine), and let the role and the key’s own policy allow it kms:Decrypt.';
  return problem('/roleArn', `The api could seal and the engine could not open. AWS said: ${said}. ${next}`);
}

function problem(pointer: string, detail: string, cause?: unknown): ClavigerError {
  return new ClavigerError('validation_failed', `Nothing was changed. ${detail}`, {
    errors: [{ pointer, detail }],
    cause,
  });
}

export function changedMeanwhile(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'Somebody changed this setting at the same moment. Read it again and repeat your change.',
  );
}
