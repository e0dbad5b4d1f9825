import { describe, expect, it } from '@jest/globals';
import type { HttpToolSpec } from '../pipeline/agent-spec.js';
import { literalSecret } from './literal-secrets.js';

const tool = (change: Partial<HttpToolSpec>): HttpToolSpec => ({
  ...{ type: 'http', name: 'look', description: '', inputSchema: {}, method: 'GET' },
  ...{ url: 'https://api.example.com/v1/things/{id}' },
  ...change,
});
const fieldOf = (change: Partial<HttpToolSpec>) => literalSecret([tool(change)])?.field ?? null;

describe('#37 what a run that waits may keep of its tools', () => {
  it.each<Record<string, string>>([
    { authorization: 'Bearer {{secret:Weather Co}}' },
    { authorization: ' bearer  {{ secret: a }} ' },
    { 'x-api-key': '{{secret:a}}' },
    { authorization: 'SSWS {{secret:okta}}', Accept: 'text/plain', 'User-Agent': 'flows/2' },
  ])('headers that only name a secret, or say nothing secret: %j', (headers) => {
    expect(fieldOf({ headers })).toBeNull();
  });

  it.each<Record<string, string>>([
    { authorization: 'Bearer sk-literal' },
    { authorization: 'Basic {{secret:a}}sk-literal' },
    { authorization: 'sk-literal {{secret:a}}' },
    { authorization: '{{secret:a}}:{{secret:b}}' },
    { cookie: 'session=1; token={{secret:a}}' },
    { 'x-api-key': 'sk' },
    { 'x-team': 'red' },
  ])('no header with text of its own: %j', (headers) => {
    expect(fieldOf({ headers })).toBe('headers');
  });

  it.each([
    '/v1/things/{id}?page={page}&limit=20&sort=name',
    '/v1/orgs/0190f3a2-7b1c-7def-8a3b-0123456789ab/monkey?countryCode=DE&compass=north',
    '/rest/internationalization-strings/customer-invoice-line-items',
    '/search?api_key={key}&q=two%20words',
    '/calendar/2026-11-22T03-00-00/entries?fields=id,name',
  ])('URLs of people’s making: %s', (path) => {
    expect(fieldOf({ url: `https://api.example.com${path}` })).toBeNull();
  });

  it.each([
    ...['/x?key=abc', '/x?api_key=abc', '/x?subscription-key=abc', '/x?apiKey=abc', '/x?accessToken=abc'],
    ...['/x?X-Amz-Signature=abc', '/x?sig=abc', '/x?password=abc', '/x?code=abc', '/x?appid=abc'],
    '/services/T00000000/B00000000/abcDEFghi0123456789JKLmn',
    '/bot123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc/sendMessage',
    '/x?q=0123456789abcdef0123456789abcdef',
    '/x#access_Token0123456789abcdef',
  ])('URLs in which a credential may be: %s', (path) => {
    expect(fieldOf({ url: `https://api.example.com${path}` })).toBe('url');
  });

  it('says which of several tools, and never the value', () => {
    const found = literalSecret([
      tool({}),
      { type: 'mcp', serverId: 'mcp_1' },
      tool({ headers: { 'x-key': 'sk-1' } }),
    ]);
    expect(found).toMatchObject({ index: 2, field: 'headers' });
    expect(found?.detail).toContain('"x-key"');
    expect(found?.detail).not.toContain('sk-1');
  });
});
