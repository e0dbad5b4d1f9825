import type { KeyFiles } from './keys.js';

/** Which files each process is given; the keyset that opens provider keys goes to the engine alone, that of webhooks to the worker. */
export function handovers(keys: KeyFiles): Record<'api' | 'engine' | 'worker', Record<string, string>> {
  return {
    api: {
      'public-keyset.json': keys.publicKeyset,
      'ticket-private.pem': keys.ticketPrivateKey,
      'fingerprint-pepper': keys.fingerprintPepper,
    },
    engine: {
      'call-keyset.json': keys.callKeyset,
      'ticket-public.pem': keys.ticketPublicKey,
      'audit-public.pem': keys.auditPublicKey,
    },
    worker: {
      'webhook-keyset.json': keys.webhookKeyset,
      'audit-private.pem': keys.auditPrivateKey,
      'audit-public.pem': keys.auditPublicKey,
    },
  };
}
