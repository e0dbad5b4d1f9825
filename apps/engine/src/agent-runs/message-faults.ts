import type { FieldFault } from '#lib/kernel';
import type { AnyMessageDto, AssistantMessageDto, ToolMessageDto } from './message.dto.js';

/** Calls of the assistant's message before that have no output yet, by id; and where it stands. */
interface Open {
  calls: Map<string, string>;
  index: number;
}

/**
 * What no single message can say: every call has one output, in the messages of role `tool` right after it, as every vendor wants it; and
 * the last message is one that asks for an answer.
 */
export function messageFaults(messages: readonly AnyMessageDto[]): FieldFault[] {
  const faults: FieldFault[] = [];
  let open: Open = { calls: new Map(), index: 0 };
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      faults.push(...outputFaults(message, index, open));
      continue;
    }
    faults.push(...unanswered(open));
    open = { calls: new Map(), index };
    if (message.role === 'assistant') faults.push(...callFaults(message, index, open));
  }
  const last = messages.length - 1;
  if (messages[last]?.role === 'assistant')
    return [
      ...faults,
      fault(last, 'role', 'The last message must ask for an answer: role "user" or "tool".'),
    ];
  return [...faults, ...unanswered(open)];
}

function callFaults({ toolCalls = [] }: AssistantMessageDto, index: number, { calls }: Open): FieldFault[] {
  return toolCalls.flatMap(({ toolCallId, name }, at): FieldFault[] => {
    if (calls.has(toolCallId))
      return [fault(index, `toolCalls/${at}/toolCallId`, 'Another call of this message has this id.')];
    calls.set(toolCallId, name);
    return [];
  });
}

/** Takes the calls that have an output from those that are open. */
function outputFaults({ content }: ToolMessageDto, index: number, { calls }: Open): FieldFault[] {
  return content.flatMap(({ toolCallId, name }, at): FieldFault[] => {
    const called = calls.get(toolCallId);
    calls.delete(toolCallId);
    if (called === undefined)
      return [
        fault(
          index,
          `content/${at}/toolCallId`,
          'The message of role "assistant" before has no call with this id that lacks an output.',
        ),
      ];
    if (called !== name) return [fault(index, `content/${at}/name`, `This call is one of "${called}".`)];
    return [];
  });
}

function unanswered({ calls, index }: Open): FieldFault[] {
  if (calls.size === 0) return [];
  const ids = [...calls.keys()].join(', ');
  return [
    fault(index, 'toolCalls', `These calls have no output in a message of role "tool" after it: ${ids}.`),
  ];
}

function fault(index: number, field: string, detail: string): FieldFault {
  return { pointer: `/agent/messages/${index}/${field}`, detail };
}
