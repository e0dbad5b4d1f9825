import { describe, expect, it } from '@jest/globals';

describe('the doors of custody', () => {
  it('are six functions of kms, and one class behind each entry of custody', async () => {
    const doors = {
      kms: await import('#lib/kms'),
      custody: await import('#lib/custody'),
      sealer: await import('#lib/custody/sealer'),
      opener: await import('#lib/custody/opener'),
      'webhook-opener': await import('#lib/custody/webhook-opener'),
      rewrapper: await import('#lib/custody/rewrapper'),
    };
    const names = Object.entries(doors).map(([door, module]) => [door, Object.keys(module).sort()]);
    expect(Object.fromEntries(names)).toEqual({
      kms: ['KmsError', 'createKms', 'deriveEnvelopeKey', 'localKeysets', 'openEnvelope', 'sealEnvelope'],
      custody: [],
      sealer: ['Sealer'],
      opener: ['Opener'],
      'webhook-opener': ['WebhookOpener'],
      rewrapper: ['Rewrapper'],
    });
  });
});
