import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalKmsFiles } from './local-kms-files.js';

/** The files that both planes are given: made for one test, removed with it. */
export interface KeyFiles {
  /** The variables that name them for the control plane. */
  env: Record<string, string>;
  /** The same for the engine. */
  engineEnv: Record<string, string>;
  /** The same for the worker, which signs webhooks. */
  workerEnv: Record<string, string>;
  kms: LocalKmsFiles;
  /** Verifies the tickets that this control plane signs. */
  ticketPublicKeyPem: string;
  remove(): void;
}

export function makeKeyFiles(): KeyFiles {
  const kms = new LocalKmsFiles();
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const ticket = join(kms.dir, 'ticket-private.pem');
  const pepper = join(kms.dir, 'pepper');
  writeFileSync(ticket, privateKey, { mode: 0o600 });
  const ticketPublic = join(kms.dir, 'ticket-public.pem');
  writeFileSync(ticketPublic, publicKey);
  writeFileSync(pepper, randomBytes(32), { mode: 0o600 });
  return {
    env: {
      CLAVIGER_TICKET_PRIVATE_KEY: ticket,
      CLAVIGER_FINGERPRINT_PEPPER: pepper,
      CLAVIGER_KMS_PUBLIC_KEYSET: kms.paths.publicKeysetPath,
    },
    engineEnv: {
      CLAVIGER_TICKET_PUBLIC_KEY: ticketPublic,
      CLAVIGER_KMS_PRIVATE_KEYSET: kms.paths.privateKeysetPaths.call,
    },
    workerEnv: { CLAVIGER_KMS_PRIVATE_KEYSET: kms.paths.privateKeysetPaths.webhook },
    kms,
    ticketPublicKeyPem: publicKey,
    remove: () => kms.remove(),
  };
}
