import { Injectable } from '@nestjs/common';
import type { SealedCredential } from '#lib/contracts';
import { WebhookOpener } from '#lib/custody/webhook-opener';
import { webhookSignature } from '#lib/kernel';
import type { SigningVersion } from '#lib/persistence';

/** What is signed. */
export interface Signed {
  /** `webhook-id` */
  id: string;
  /** Unix seconds of this attempt. */
  timestamp: number;
  body: string;
}

/** Signs messages. A secret is open for the length of one signature. */
@Injectable()
export class Signer {
  constructor(private readonly opener: WebhookOpener) {}

  /** The headers of Standard Webhooks, with a signature of each secret. Throws ClavigerError kms_unavailable and internal. */
  async headers(
    orgId: string,
    secrets: readonly SigningVersion[],
    message: Signed,
  ): Promise<Record<string, string>> {
    const signatures: string[] = [];
    for (const secret of secrets) signatures.push(await this.#sign(orgId, secret, message));
    return {
      'webhook-id': message.id,
      'webhook-timestamp': String(message.timestamp),
      'webhook-signature': signatures.join(' '),
    };
  }

  async #sign(orgId: string, sealed: SigningVersion, message: Signed): Promise<string> {
    const { secretId, version, origins } = sealed;
    const opened = await this.opener.open({ orgId, secretId, version, origins }, sealed);
    return opened.useOnce((bytes) => {
      const { secret } = JSON.parse(bytes.toString('utf8')) as SealedCredential;
      return webhookSignature(secret, message);
    });
  }
}
