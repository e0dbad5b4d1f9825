import type { ModelMessage, ToolResultPart } from 'ai';
import type { LoopMessage } from './loop-types.js';

/** Messages as the AI SDK takes them. Text only: nothing in a prompt is ever fetched. */
export function modelMessages(messages: LoopMessage[]): ModelMessage[] {
  return messages.map((message): ModelMessage => {
    switch (message.role) {
      case 'user':
        return { role: 'user', content: message.content };
      case 'assistant':
        return {
          role: 'assistant',
          content: [
            ...(message.content === '' ? [] : [{ type: 'text' as const, text: message.content }]),
            ...(message.toolCalls ?? []).map((call) => ({
              type: 'tool-call' as const,
              toolCallId: call.toolCallId,
              toolName: call.name,
              input: call.input,
            })),
          ],
        };
      case 'tool':
        return { role: 'tool', content: message.content.map(toolResult) };
    }
  });
}

function toolResult(result: { toolCallId: string; name: string; output: unknown }): ToolResultPart {
  const { toolCallId, name, output } = result;
  const text = typeof output === 'string' ? output : JSON.stringify(output ?? null);
  return { type: 'tool-result', toolCallId, toolName: name, output: { type: 'text', value: text } };
}

/** Messages with what the model said in them passed through `again`: its texts, and what it handed to tools. */
export async function saidAgain(
  messages: ModelMessage[],
  again: (said: unknown) => Promise<unknown>,
): Promise<ModelMessage[]> {
  const safe: ModelMessage[] = [];
  for (const message of messages) {
    if (message.role !== 'assistant') safe.push(message);
    else if (typeof message.content === 'string')
      safe.push({ ...message, content: String(await again(message.content)) });
    else {
      const content: typeof message.content = [];
      for (const part of message.content) {
        if (part.type === 'text') content.push({ ...part, text: String(await again(part.text)) });
        else content.push(part.type === 'tool-call' ? { ...part, input: await again(part.input) } : part);
      }
      safe.push({ ...message, content });
    }
  }
  return safe;
}
