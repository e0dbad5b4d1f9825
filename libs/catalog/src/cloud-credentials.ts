import type { FieldFault } from '#lib/kernel';
import type { ProviderRecord } from './types.js';

/** Long-lived or temporary keys of an AWS identity (PRODUCT #16). */
export interface IamPair {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** What Claviger needs of a Google service account's key file. */
export interface ServiceAccount {
  clientEmail: string;
  /** PEM, PKCS #8. */
  privateKey: string;
  /** Where a signed assertion is exchanged for an access token. */
  tokenUri: string;
  projectId: string | null;
}

const GOOGLE_TOKEN_URI = 'https://oauth2.googleapis.com/token';

/** The IAM pair that a secret holds, or null when it is one bearer key. */
export function iamPairOf(secret: string): IamPair | null {
  const json = jsonObject(secret);
  const { accessKeyId, secretAccessKey, sessionToken } = json ?? {};
  if (!isText(accessKeyId) || !isText(secretAccessKey)) return null;
  return { accessKeyId, secretAccessKey, ...(isText(sessionToken) ? { sessionToken } : {}) };
}

/** The service account that a secret holds, or null when it is an express key. */
export function serviceAccountOf(secret: string): ServiceAccount | null {
  const json = jsonObject(secret);
  const { client_email: clientEmail, private_key: privateKey } = json ?? {};
  if (!isText(clientEmail) || !isText(privateKey)) return null;
  const [tokenUri, projectId] = [json?.['token_uri'], json?.['project_id']];
  return {
    clientEmail,
    privateKey,
    tokenUri: isText(tokenUri) ? tokenUri : GOOGLE_TOKEN_URI,
    projectId: isText(projectId) ? projectId : null,
  };
}

/** Every value in a secret that must never be seen: the secret itself, and the secret members of the JSON that it may be. */
export function secretValues(secret: string): string[] {
  const pair = iamPairOf(secret);
  if (pair) return [pair.secretAccessKey, ...(pair.sessionToken ? [pair.sessionToken] : [])];
  const account = serviceAccountOf(secret);
  if (!account) return [secret];
  const lines = account.privateKey.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  return [account.privateKey, ...lines];
}

/** The address that a service account's assertion goes to, beside those of the calls; null for every other credential. */
export function tokenUriOf(provider: ProviderRecord, secret: string): string | null {
  if (provider.credential.kind !== 'service_account_or_key') return null;
  return serviceAccountOf(secret)?.tokenUri ?? null;
}

/** What is wrong with the form of a secret for this provider; empty when it may be sealed. No fault quotes it. */
export function credentialFaults(
  { credential, name }: ProviderRecord,
  secret: string,
  config: Record<string, unknown>,
): FieldFault[] {
  const fault = (pointer: string, detail: string) => [{ pointer, detail }];
  const looksLikeJson = secret.trimStart().startsWith('{');
  switch (credential.kind) {
    case 'iam_or_bearer':
      if (!looksLikeJson || iamPairOf(secret)) return [];
      return fault(
        '/secret',
        `${name} takes one bearer key, or {"accessKeyId", "secretAccessKey", "sessionToken"?}.`,
      );
    case 'service_account_or_key': {
      if (!looksLikeJson) return [];
      const account = serviceAccountOf(secret);
      if (!account) {
        const detail = `${name} takes an express key, or the whole JSON key file of a service account (client_email, private_key, token_uri).`;
        return fault('/secret', detail);
      }
      if (isText(config['project'])) return [];
      const example = account.projectId ? ` The file names ${account.projectId}.` : '';
      return fault('/config/project', `A service account calls within a project: name it.${example}`);
    }
    default:
      return looksLikeJson && jsonObject(secret)
        ? fault('/secret', `${name} takes one key, not a JSON object.`)
        : [];
  }
}

function jsonObject(text: string): Record<string, unknown> | null {
  if (!text.trimStart().startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
