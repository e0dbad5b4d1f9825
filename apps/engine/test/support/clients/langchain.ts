import { ChatAnthropic } from '@langchain/anthropic';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { tool } from '@langchain/core/tools';
import { ChatGoogleGenerativeAI } from '@langchain/google-genai';
import { ChatOpenAI } from '@langchain/openai';
import { CITY, type SdkClient, type SdkMaker } from './types.js';

function client(modelOf: (model: string) => BaseChatModel): SdkClient {
  const weather = tool(() => 'fine', { name: 'weather', description: 'Now.', schema: CITY });
  return {
    chat: async (model, prompt) => (await modelOf(model).invoke(prompt)).text,
    async *stream(model, prompt, signal) {
      for await (const chunk of await modelOf(model).stream(prompt, { signal })) yield chunk.text;
    },
    async tool(model, prompt) {
      const { tool_calls: calls } = await modelOf(model).bindTools!([weather]).invoke(prompt);
      return { name: calls?.[0]?.name, args: calls?.[0]?.args };
    },
    structured: (model, prompt) =>
      modelOf(model).withStructuredOutput(CITY, { name: 'place' }).invoke(prompt),
  };
}

const chatOpenai =
  (useResponsesApi: boolean): SdkMaker =>
  ({ url, token, retries }) =>
    client((model) => {
      const configuration = { baseURL: `${url}/v1` };
      return new ChatOpenAI({ model, apiKey: token, configuration, maxRetries: retries, useResponsesApi });
    });

export const langchainOpenai = chatOpenai(false);
export const langchainResponses = chatOpenai(true);

export const langchainAnthropic: SdkMaker = ({ url, token, retries }) =>
  client(
    (model) =>
      new ChatAnthropic({
        ...{ model, apiKey: token, anthropicApiUrl: `${url}/anthropic`, maxRetries: retries, maxTokens: 200 },
      }),
  );

export const langchainGoogle: SdkMaker = ({ url, token, retries }) =>
  client(
    (model) =>
      new ChatGoogleGenerativeAI({ model, apiKey: token, baseUrl: `${url}/gemini`, maxRetries: retries }),
  );
