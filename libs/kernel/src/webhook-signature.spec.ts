import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { newSigningSecret, webhookSignature } from './webhook-signature.js';

describe('#55 webhook signatures', () => {
  const body = '{"type":"run.finished","data":{"text":"naïve ✓"}}';
  const id = 'evt_01jd0000000000000000000000';

  it('are those of Standard Webhooks, and of a new secret each', () => {
    const [one, other] = [newSigningSecret(), newSigningSecret()];
    const timestamp = Math.floor(Date.now() / 1000);
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': webhookSignature(one, { id, timestamp, body }),
    };
    expect(new Webhook(one).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(other).verify(body, headers)).toThrow(/signature/i);
    expect(() => new Webhook(one).verify(`${body} `, headers)).toThrow(/signature/i);
  });

  it('agree with the example of the specification’s own reference', () => {
    const signed = webhookSignature('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
    });
    expect(signed).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });
});
