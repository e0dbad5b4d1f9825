/** The three wire protocols, each by the provider that speaks it. */
export const WIRES = [
  {
    provider: 'openai',
    wire: 'openai',
    header: 'authorization',
    model: 'gpt-4.1-mini',
    value: (key: string) => `Bearer ${key}`,
  },
  {
    provider: 'anthropic',
    wire: 'anthropic',
    header: 'x-api-key',
    model: 'claude-sonnet-4-6',
    value: (key: string) => key,
  },
  {
    provider: 'google',
    wire: 'gemini',
    header: 'x-goog-api-key',
    model: 'gemini-2.5-flash',
    value: (key: string) => key,
  },
] as const;
