import { describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { newSigningSecret, webhookSignature } from '../../kernel/src/index.js';
import { WebhookError, webhooks, type WebhookFault, type WebhookRequest } from './index.js';

const SECRET = newSigningSecret();
const NOW = 1_795_000_000;
const BODY = JSON.stringify({
  ...{ type: 'run.finished', timestamp: '2026-11-22T03:00:00.000Z' },
  data: { runId: 'run_1', text: 'ünïcödé' },
});

/** A request as our worker sends it (`apps/worker/src/webhooks/signer.ts`). */
function sent(change: Partial<WebhookRequest> & { at?: number; secrets?: string[] } = {}): WebhookRequest {
  const { at = NOW, secrets = [SECRET], ...rest } = change;
  const signature = secrets
    .map((secret) => webhookSignature(secret, { id: 'evt_1', timestamp: at, body: BODY }))
    .join(' ');
  const headers = {
    ...{ 'webhook-id': 'evt_1', 'webhook-timestamp': String(at), 'webhook-signature': signature },
  };
  return { body: BODY, headers, secret: SECRET, nowMs: NOW * 1_000, ...rest };
}

async function faultOf(request: WebhookRequest): Promise<WebhookFault | null> {
  return webhooks.verify(request).then(
    () => null,
    (error: unknown) => {
      if (error instanceof WebhookError) return error.fault;
      throw error;
    },
  );
}

describe('#55 webhooks.verify', () => {
  it('gives the message that our sender signed, from headers of fetch and of Node, as text and as bytes', async () => {
    const message = { id: 'evt_1', ...JSON.parse(BODY) };
    expect(await webhooks.verify(sent())).toEqual(message);
    const { headers } = sent();
    const mixed = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), String(value)]),
    );
    expect(await webhooks.verify(sent({ headers: mixed }))).toEqual(message);
    const bytes = { headers: new Headers(mixed), body: Buffer.from(BODY) };
    expect(await webhooks.verify(sent(bytes))).toEqual(message);
  });

  it('agrees with the example of Standard Webhooks: HMAC-SHA256 of id, time and body, by the secret’s bytes', async () => {
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const own = createHmac('sha256', key).update(`evt_1.${NOW}.${BODY}`).digest('base64');
    const headers = { ...sent().headers, 'webhook-signature': `v1,${own}` };
    expect(await faultOf(sent({ headers }))).toBeNull();
  });

  it('takes one good signature among several, and one good secret, as while a secret is rotated', async () => {
    const other = newSigningSecret();
    expect(await faultOf(sent({ secrets: [other, SECRET] }))).toBeNull();
    expect(await faultOf(sent({ secrets: [other], secret: [SECRET, other] }))).toBeNull();
    const { headers } = sent();
    const signature = `v1a,AAAA v2,x v1,%% ${new Map(Object.entries(headers)).get('webhook-signature')}`;
    expect(await faultOf(sent({ headers: { ...headers, 'webhook-signature': signature } }))).toBeNull();
  });

  it('five minutes either way are the most that its time may be off', async () => {
    const faults = [-301, -300, 300, 301].map((by) => faultOf(sent({ at: NOW + by })));
    expect(await Promise.all(faults)).toEqual(['too_old', null, null, 'too_new']);
    expect(await faultOf(sent({ at: NOW - 20, toleranceSeconds: 10 }))).toBe('too_old');
  });

  it('believes nothing else', async () => {
    const { headers } = sent();
    const without = (name: string) => ({ ...headers, [name]: undefined });
    const cases: [Partial<WebhookRequest>, WebhookFault][] = [
      [{ body: `${BODY} ` }, 'wrong_signature'],
      [{ secret: newSigningSecret() }, 'wrong_signature'],
      [{ headers: { ...headers, 'webhook-id': 'evt_2' } }, 'wrong_signature'],
      [{ headers: { ...headers, 'webhook-timestamp': String(NOW + 1) } }, 'wrong_signature'],
      [{ headers: { ...headers, 'webhook-signature': 'v1,' } }, 'wrong_signature'],
      [{ headers: { ...headers, 'webhook-timestamp': 'NaN' } }, 'header_missing'],
      [{ headers: { ...headers, 'webhook-timestamp': '-1' } }, 'header_missing'],
      [{ headers: without('webhook-id') }, 'header_missing'],
      [{ headers: without('webhook-signature') }, 'header_missing'],
      [{ headers: { ...headers, 'webhook-signature': ['v1,a', 'v1,b'] } }, 'header_missing'],
    ];
    for (const [change, fault] of cases)
      expect([change, await faultOf(sent(change))]).toEqual([change, fault]);
    await expect(webhooks.verify(sent({ secret: 'clv_eng_x' }))).rejects.toThrow(TypeError);
  });

  it('what is signed and no message is told so', async () => {
    const signed = (body: string): Partial<WebhookRequest> => ({
      body,
      headers: {
        ...sent().headers,
        'webhook-signature': webhookSignature(SECRET, { id: 'evt_1', timestamp: NOW, body }),
      },
    });
    for (const body of ['', 'null', '{"type":1}', '[]'])
      expect(await faultOf(sent(signed(body)))).toBe('not_json');
  });
});
