import { Inject, Injectable } from '@nestjs/common';
import { WebhookAttempts, type AttemptFacts, type DeliveryClaim, type DueMessage } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import { Endpoint, type EndpointAnswer } from './endpoint.js';
import { bodyOf, mayKeepEchoOf } from './message.js';
import { nextAttemptMs } from './schedule.js';
import { Signer } from './signer.js';

/** A message that can't be signed now waits so long, and the attempt does not count: it is no fault of its endpoint. */
const UNSIGNED_MS = 30_000;
const GONE = 410;

/** One attempt at one message, from the claim to what came of it. */
@Injectable()
export class WebhookSenderService {
  constructor(
    private readonly attempts: WebhookAttempts,
    private readonly signer: Signer,
    private readonly endpoint: Endpoint,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Rejects when `signal` ended it or the database did not answer: the message is handed out again when its hold is over. */
  async attempt(claim: DeliveryClaim, signal: AbortSignal): Promise<void> {
    const message = await this.attempts.read(claim);
    if (!message) return;
    const body = bodyOf(message);
    const headers = await this.sign(claim, message, body);
    if (!headers) return;
    const answer = await this.endpoint.post({ orgId: claim.orgId, url: message.url, headers, body, signal });
    await this.settle(claim, message, answer);
  }

  private async sign(
    claim: DeliveryClaim,
    { messageId, secrets }: DueMessage,
    body: string,
  ): Promise<Record<string, string> | null> {
    const timestamp = Math.floor(Date.now() / 1_000);
    try {
      if (secrets.length > 0)
        return await this.signer.headers(claim.orgId, secrets, { id: messageId, timestamp, body });
    } catch (err) {
      this.log.warn({ err, orgId: claim.orgId, webhookId: claim.webhookId }, 'a webhook can’t be signed now');
    }
    const error =
      'The message could not be signed, and nothing was sent: the signing secret does not open now.';
    await this.attempts.postpone(claim, { status: null, error, answer: null, durationMs: null }, UNSIGNED_MS);
    return null;
  }

  private async settle(claim: DeliveryClaim, message: DueMessage, answer: EndpointAnswer): Promise<void> {
    const { status, error, shown, retryAfterS, durationMs } = answer;
    const facts: AttemptFacts = { status, error, answer: mayKeepEchoOf(message) ? shown : null, durationMs };
    if (error === null) return void (await this.attempts.succeed(claim, facts));
    const inMs = status === GONE ? null : nextAttemptMs(message.roundAttempts, retryAfterS);
    if (inMs !== null) return void (await this.attempts.retry(claim, facts, inMs));
    const { orgId, webhookId } = claim;
    if (await this.attempts.giveUp(claim, facts, status === GONE ? 'gone' : 'failing'))
      this.log.warn({ orgId, webhookId, status }, 'a webhook took nothing any more and was disabled');
  }
}
