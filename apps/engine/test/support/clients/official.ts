import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { CITY, parsed, type Pointed, type SdkMaker } from './types.js';

const user = (content: string) => ({ role: 'user' as const, content });

function openai({ url, token, retries }: Pointed): OpenAI {
  return new OpenAI({ apiKey: token, baseURL: `${url}/v1`, maxRetries: retries });
}

export const openaiChat: SdkMaker = (pointed) => {
  const { completions } = openai(pointed).chat;
  const messagesOf = (prompt: string) => [user(prompt)];
  return {
    async chat(model, prompt) {
      const { choices } = await completions.create({ model, messages: messagesOf(prompt) });
      return choices[0]?.message.content ?? '';
    },
    async *stream(model, prompt, signal) {
      const asked = { model, messages: messagesOf(prompt), stream: true as const };
      for await (const { choices } of await completions.create(asked, { signal }))
        yield choices[0]?.delta.content ?? '';
    },
    async tool(model, prompt) {
      const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: CITY } }];
      const { choices } = await completions.create({ model, messages: messagesOf(prompt), tools });
      const call = choices[0]?.message.tool_calls?.[0];
      return call?.type === 'function'
        ? { name: call.function.name, args: parsed(call.function.arguments) }
        : { name: undefined, args: undefined };
    },
    async structured(model, prompt) {
      const json_schema = { name: 'place', schema: CITY, strict: true };
      const format = { type: 'json_schema' as const, json_schema };
      const asked = { model, messages: messagesOf(prompt), response_format: format };
      const { choices } = await completions.parse(asked);
      return choices[0]?.message.parsed ?? parsed(choices[0]?.message.content);
    },
  };
};

export const openaiResponses: SdkMaker = (pointed) => {
  const { responses } = openai(pointed);
  return {
    chat: async (model, input) => (await responses.create({ model, input })).output_text,
    async *stream(model, input, signal) {
      for await (const event of responses.stream({ model, input }, { signal }))
        if (event.type === 'response.output_text.delta') yield event.delta;
    },
    async tool(model, input) {
      const tool = { type: 'function' as const, name: 'weather', parameters: CITY, strict: true };
      const { output } = await responses.create({ model, input, tools: [tool] });
      const call = output.find((item) => item.type === 'function_call');
      return { name: call?.name, args: parsed(call?.arguments) };
    },
    async structured(model, input) {
      const format = { type: 'json_schema' as const, name: 'place', schema: CITY, strict: true };
      const answer = await responses.parse({ model, input, text: { format } });
      return answer.output_parsed ?? parsed(answer.output_text);
    },
  };
};

export const anthropic: SdkMaker = ({ url, token, retries }) => {
  const { messages } = new Anthropic({ apiKey: token, baseURL: `${url}/anthropic`, maxRetries: retries });
  const ask = (model: string, prompt: string) => ({ model, max_tokens: 200, messages: [user(prompt)] });
  const textOf = ({ content }: Anthropic.Message) =>
    content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  return {
    chat: async (model, prompt) => textOf(await messages.create(ask(model, prompt))),
    async *stream(model, prompt, signal) {
      for await (const event of await messages.create({ ...ask(model, prompt), stream: true }, { signal }))
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield event.delta.text;
    },
    async tool(model, prompt) {
      const tools = [{ name: 'weather', input_schema: CITY }];
      const { content } = await messages.create({ ...ask(model, prompt), tools });
      const use = content.find((block) => block.type === 'tool_use');
      return { name: use?.name, args: use?.input };
    },
    async structured(model, prompt) {
      const format = { type: 'json_schema' as const, schema: CITY };
      return parsed(textOf(await messages.create({ ...ask(model, prompt), output_config: { format } })));
    },
  };
};

export const genai: SdkMaker = ({ url, token, retries }) => {
  const { models } = new GoogleGenAI({
    apiKey: token,
    httpOptions: {
      ...{ baseUrl: `${url}/gemini`, apiVersion: 'v1beta' },
      retryOptions: { attempts: retries + 1, initialDelay: 0.01, jitter: 0 },
    },
  });
  return {
    chat: async (model, contents) => (await models.generateContent({ model, contents })).text ?? '',
    async *stream(model, contents, abortSignal) {
      for await (const { text } of await models.generateContentStream({
        ...{ model, contents, config: { abortSignal } },
      }))
        yield text ?? '';
    },
    async tool(model, contents) {
      const tools = [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: CITY }] }];
      const { functionCalls } = await models.generateContent({ model, contents, config: { tools } });
      return { name: functionCalls?.[0]?.name, args: functionCalls?.[0]?.args };
    },
    async structured(model, contents) {
      const config = { responseMimeType: 'application/json', responseJsonSchema: CITY };
      return parsed((await models.generateContent({ model, contents, config })).text);
    },
  };
};
