import { aiAnthropic, aiGoogle, aiOpenai, aiOpenaiChat } from './ai-sdk.js';
import { langchainAnthropic, langchainGoogle, langchainOpenai, langchainResponses } from './langchain.js';
import { anthropic, genai, openaiChat, openaiResponses } from './official.js';
import type { SdkMaker } from './types.js';

export type { Pointed, SdkClient, SdkMaker } from './types.js';

/** Every client that an application may have. */
export const CLIENTS: readonly [string, SdkMaker][] = [
  ['openai', openaiChat],
  ['openai, responses', openaiResponses],
  ['@anthropic-ai/sdk', anthropic],
  ['@google/genai', genai],
  ['AI SDK: OpenAI', aiOpenai],
  ['AI SDK: OpenAI, chat', aiOpenaiChat],
  ['AI SDK: Anthropic', aiAnthropic],
  ['AI SDK: Google', aiGoogle],
  ['LangChain: OpenAI', langchainOpenai],
  ['LangChain: OpenAI, responses', langchainResponses],
  ['LangChain: Anthropic', langchainAnthropic],
  ['LangChain: Google', langchainGoogle],
];
