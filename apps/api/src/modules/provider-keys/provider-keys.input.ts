import type { SecretBytes } from '#lib/kernel';
import { packCredential } from '../secrets/index.js';
import type { NewKey } from './create-key.service.js';
import { invalid } from './provider-keys.errors.js';
import type { CreateProviderKeyDto, UpdateProviderKeyDto } from './provider-keys.dto.js';
import type { KeyPatch } from './update-key.service.js';

/** What a creating body asks for. The secret leaves the body here and is bytes from now on. */
export function newKeyFrom(body: CreateProviderKeyDto): NewKey {
  const { name, provider, secret: _secret, secondSecret: _second, secretId, ...settings } = body;
  return { name, provider, settings, entered: takeSecret(body), secretId };
}

/** What a PATCH asks for. The secret leaves the body here and is bytes from now on. */
export function keyPatchFrom(body: UpdateProviderKeyDto): KeyPatch {
  const { secret: _secret, secondSecret: _second, secretId, clear = [], ...settings } = body;
  return { settings, entered: takeSecret(body), secretId, clear };
}

/** Packs the secrets of a body and takes them out of it; null when there is none. */
function takeSecret(body: { secret?: string; secondSecret?: string }): SecretBytes | null {
  const { secret, secondSecret } = body;
  delete body.secret;
  delete body.secondSecret;
  if (secret !== undefined) return packCredential(secret, secondSecret);
  if (secondSecret === undefined) return null;
  throw invalid([
    {
      pointer: '/secondSecret',
      detail:
        'The two secrets are sealed together: send the first one too, even when only the second changed.',
    },
  ]);
}
