import { describe, expect, it } from '@jest/globals';
import { detectKey, maskKey } from './pasted-key';

const SECRET = 'a1B2c3D4e5F6g7H8';

describe('detecting a pasted key', () => {
  it.each([
    [`sk-ant-api03-${SECRET}`, 'anthropic'],
    [`sk-or-v1-${SECRET}`, 'openrouter'],
    [`gsk_${SECRET}`, 'groq'],
    [`AIzaSy${SECRET}`, 'google'],
    [`xai-${SECRET}`, 'xai'],
    [`sk-proj-${SECRET}`, 'openai'],
    [`  "sk-ant-api03-${SECRET}"\n`, 'anthropic'],
  ])('knows the vendor of a bare key: %s', (text, provider) => {
    expect(detectKey(text)?.provider).toBe(provider);
  });

  it('takes the key out of a curl line by its header and host', () => {
    const line = `curl https://api.mistral.ai/v1/chat/completions -H 'Authorization: Bearer ${SECRET}' -d '{}'`;
    expect(detectKey(line)).toEqual({ provider: 'mistral', secret: SECRET });
    const anthropic = `curl https://api.anthropic.com/v1/messages \\\n -H "x-api-key: sk-ant-${SECRET}"`;
    expect(detectKey(anthropic)).toEqual({ provider: 'anthropic', secret: `sk-ant-${SECRET}` });
  });

  it('takes key and base URL out of an .env block, quoted or exported', () => {
    const block = `# llm\nexport OPENAI_API_KEY="sk-${SECRET}"\nOPENAI_BASE_URL=https://eu.example.com/v1\nPORT=3000`;
    expect(detectKey(block)).toEqual({
      provider: 'openai',
      secret: `sk-${SECRET}`,
      baseUrl: 'https://eu.example.com/v1',
    });
  });

  it('finds nothing in a curl line that only names a variable, nor in prose', () => {
    expect(
      detectKey('curl https://api.openai.com/v1/models -H "Authorization: Bearer $OPENAI_API_KEY"'),
    ).toBeNull();
    expect(detectKey('please add our key')).toBeNull();
  });

  it('#17 shows the prefix and the last four characters, nothing of a short secret', () => {
    expect(maskKey(`sk-ant-${SECRET}`)).toBe('sk-ant-…g7H8');
    expect(maskKey('sk-short12')).toBe('••••••••');
  });
});
