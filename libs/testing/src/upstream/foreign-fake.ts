/** Vendors' wires as somebody else understood them. */
export interface ForeignFake {
  port: number;
  stop(): Promise<void>;
}

/** A tool that the fake calls when it is asked about the weather. */
export const WEATHER_TOOL = {
  name: 'get_weather',
  description: 'The weather of a city',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  execute: async () => ({ forecast: 'sunny' }),
};

/**
 * Starts a fake that nobody here wrote: a misreading of a vendor's wire that our own fake shares with our own expectations
 * would show at it. It answers `hello` with a text, `weather` with a call of `WEATHER_TOOL` and a text after it, and `limit`
 * with a 429.
 */
export async function startForeignFake(): Promise<ForeignFake> {
  // Loaded here: whoever uses our own fakes only, `npm start` among them, has no need of it.
  const { LLMock } = await import('@copilotkit/aimock');
  const mock = new LLMock({ port: 0 });
  mock.on({ userMessage: 'hello' }, { content: 'Hello to you, too.' });
  mock.on({ userMessage: 'weather', hasToolResult: true }, { content: 'It is sunny in Oslo.' });
  const toolCalls = [{ name: WEATHER_TOOL.name, arguments: '{"city":"Oslo"}' }];
  // Left alone it finishes Gemini's tool calls with FUNCTION_CALL, which Gemini doesn't know: there it is STOP.
  const stop = { toolCalls, finishReason: 'stop' };
  mock.on({ userMessage: 'weather', hasToolResult: false, model: /^gemini/ }, stop);
  mock.on({ userMessage: 'weather', hasToolResult: false }, { toolCalls });
  const error = { message: 'slow down', type: 'rate_limit_error' };
  mock.on({ userMessage: 'limit' }, { error, status: 429, retryAfter: 7 });
  await mock.start();
  return { port: mock.port, stop: () => mock.stop() };
}
