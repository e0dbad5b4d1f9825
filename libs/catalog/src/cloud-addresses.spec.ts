import { describe, expect, it } from '@jest/globals';
import { buildCatalogue } from './catalogue.js';
import { credentialFaults, secretValues, tokenUriOf } from './cloud-credentials.js';
import { callBaseUrl, originsFor } from './origins.js';

const catalogue = buildCatalogue();
const provider = (slug: string) => catalogue.provider(slug)!;
const account = { client_email: 'bot@p-1.example', private_key: 'PEM', project_id: 'p-1' };

describe('#8 addresses of the clouds', () => {
  it.each([
    ['bedrock', null, {}, 'https://bedrock-runtime.us-east-1.amazonaws.com'],
    ['bedrock', null, { region: 'eu-west-1' }, 'https://bedrock-runtime.eu-west-1.amazonaws.com'],
    ['bedrock', 'https://vpce-1.example/', { region: 'eu-west-1' }, 'https://vpce-1.example'],
    ['vertex', null, {}, 'https://aiplatform.googleapis.com/v1/publishers/google'],
    [
      'vertex',
      null,
      { project: 'p-1' },
      'https://us-central1-aiplatform.googleapis.com/v1/projects/p-1/locations/us-central1/publishers/google',
    ],
    [
      'vertex',
      null,
      { project: 'p-1', location: 'global' },
      'https://aiplatform.googleapis.com/v1/projects/p-1/locations/global/publishers/google',
    ],
    ['azure', null, {}, null],
    ['azure', 'https://r.openai.azure.com/', {}, 'https://r.openai.azure.com'],
  ] as const)('%s with %j and %j is called at %s', (slug, baseUrl, config, expected) => {
    expect(callBaseUrl(provider(slug), baseUrl, config)).toBe(expected);
  });

  it('a region or a location is part of where the secret may go', () => {
    const at = (config: Record<string, unknown>) => originsFor(provider('bedrock'), null, config);
    expect(at({ region: 'eu-west-1' })).toEqual(['https://bedrock-runtime.eu-west-1.amazonaws.com:443']);
    expect(at({})).not.toEqual(at({ region: 'eu-west-1' }));
  });
});

describe('#16 credentials of the clouds', () => {
  it('an IAM pair or one bearer key for Bedrock, nothing between', () => {
    const faults = (secret: string) =>
      credentialFaults(provider('bedrock'), secret, {}).map(({ pointer }) => pointer);
    expect(faults('bedrock-api-key')).toEqual([]);
    expect(faults('{"accessKeyId":"A","secretAccessKey":"S"}')).toEqual([]);
    expect(faults('{"accessKeyId":"A"}')).toEqual(['/secret']);
    expect(faults('{broken')).toEqual(['/secret']);
  });

  it('a service account needs its project, and says which its file names; an express key needs none', () => {
    const faults = (secret: string, config = {}) => credentialFaults(provider('vertex'), secret, config);
    expect(faults('AIza-express')).toEqual([]);
    expect(faults(JSON.stringify(account), { project: 'p-1' })).toEqual([]);
    expect(faults(JSON.stringify(account))).toEqual([
      { pointer: '/config/project', detail: expect.stringMatching(/names p-1/) },
    ]);
  });

  it('a token address is the file’s own, Google’s without one, and nobody else’s', () => {
    expect(tokenUriOf(provider('vertex'), JSON.stringify(account))).toBe(
      'https://oauth2.googleapis.com/token',
    );
    const own = { ...account, token_uri: 'https://sts.example/token' };
    expect(tokenUriOf(provider('vertex'), JSON.stringify(own))).toBe('https://sts.example/token');
    expect(tokenUriOf(provider('vertex'), 'AIza-express')).toBeNull();
    expect(tokenUriOf(provider('openai'), JSON.stringify(own))).toBeNull();
  });

  it('what is scrubbed is each secret member, not the ids beside it', () => {
    expect(secretValues('{"accessKeyId":"A","secretAccessKey":"S","sessionToken":"T"}')).toEqual(['S', 'T']);
    const pem = '-----BEGIN PRIVATE KEY-----\nMIIabc\nDEFghi\n-----END PRIVATE KEY-----\n';
    expect(secretValues(JSON.stringify({ ...account, private_key: pem }))).toEqual([pem, 'MIIabc', 'DEFghi']);
  });
});
