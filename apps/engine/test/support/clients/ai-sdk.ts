import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, jsonSchema, Output, streamText, tool, type LanguageModel } from 'ai';
import { CITY, type Pointed, type SdkClient, type SdkMaker } from './types.js';

const SCHEMA = jsonSchema<{ city: string }>(CITY);

function client(modelOf: (model: string) => LanguageModel, { retries: maxRetries }: Pointed): SdkClient {
  return {
    chat: async (model, prompt) => (await generateText({ model: modelOf(model), prompt, maxRetries })).text,
    async *stream(model, prompt, abortSignal) {
      let failure: unknown;
      const onError = ({ error }: { error: unknown }) => void (failure = error);
      const { textStream } = streamText({ model: modelOf(model), prompt, maxRetries, abortSignal, onError });
      yield* textStream;
      if (failure !== undefined) throw failure as Error;
    },
    async tool(model, prompt) {
      const tools = { weather: tool({ description: 'Now.', inputSchema: SCHEMA }) };
      const { toolCalls } = await generateText({ model: modelOf(model), prompt, tools, maxRetries });
      return { name: toolCalls[0]?.toolName, args: toolCalls[0]?.input };
    },
    async structured(model, prompt) {
      const output = Output.object({ schema: SCHEMA });
      return (await generateText({ model: modelOf(model), prompt, output, maxRetries })).output;
    },
  };
}

const at = ({ url, token }: Pointed, path: string) => ({ apiKey: token, baseURL: url + path });

/** Responses, which this provider's models speak by themselves. */
export const aiOpenai: SdkMaker = (pointed) => client(createOpenAI(at(pointed, '/v1')), pointed);

export const aiOpenaiChat: SdkMaker = (pointed) => client(createOpenAI(at(pointed, '/v1')).chat, pointed);

export const aiAnthropic: SdkMaker = (pointed) =>
  client(createAnthropic(at(pointed, '/anthropic/v1')), pointed);

export const aiGoogle: SdkMaker = (pointed) => client(createGoogle(at(pointed, '/gemini/v1beta')), pointed);
