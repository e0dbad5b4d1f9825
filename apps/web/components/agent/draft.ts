import type { Agent, AgentTool, OutputType, ToolChoice } from '@/lib/api/types';
import { parseSchema } from './json-schema';
import { stepsOf, toolChoiceOf, type StepsDraft } from './step-draft';
import { namesOf } from './tool-choice';
import { linesOf } from './tool-draft';

/** The node as it is being written. */
export interface Draft extends StepsDraft {
  /** `provider/id`, or null for the workspace's default. */
  model: string | null;
  system: string;
  prompt: string;
  maxOutputTokens: number | string;
  maxSteps: number | string;
  tools: AgentTool[];
  /** `auto`, `none`, `required`, or `tool:` and a name. */
  toolChoice: string;
  outputType: OutputType;
  /** Of a `json` answer. */
  outputSchema: string;
  /** Bounds of a `score`. */
  lowest: number | string;
  highest: number | string;
  /** Of a `category`, one a line. */
  categories: string;
}

export const EMPTY_DRAFT: Draft = {
  model: null,
  system: '',
  prompt: '',
  maxOutputTokens: '',
  maxSteps: '',
  tools: [],
  toolChoice: 'auto',
  outputType: 'text',
  outputSchema: '{\n  "type": "object",\n  "properties": {}\n}',
  lowest: 0,
  highest: 1,
  categories: '',
};

/** What is wrong with the form that the answer is to have; null when nothing is. */
export function outputProblem({
  outputType,
  outputSchema,
  lowest,
  highest,
  categories,
}: Draft): string | null {
  switch (outputType) {
    case 'json':
      return parseSchema(outputSchema, 'answer').problem;
    case 'score':
      return typeof lowest === 'number' && typeof highest === 'number' && lowest < highest
        ? null
        : 'The lowest score is a number below the highest.';
    case 'category':
      return linesOf(categories).length > 0 ? null : 'Write at least one category.';
    case 'text':
    case 'boolean':
      return null;
  }
}

function outputOf({ outputType: type, outputSchema, lowest, highest, categories }: Draft): Agent['output'] {
  switch (type) {
    case 'text':
      return undefined;
    case 'boolean':
      return { type };
    case 'json':
      return { type, schema: parseSchema(outputSchema, 'answer').schema ?? {} };
    case 'score':
      return { type, schema: { type: 'number', minimum: lowest, maximum: highest } };
    case 'category':
      return { type, categories: [...new Set(linesOf(categories))] };
  }
}

/** A choice that names a tool which is there no more is none. */
function choiceOf({ toolChoice, tools }: Draft): ToolChoice | undefined {
  if (tools.length === 0 || toolChoice === 'auto') return undefined;
  const choice = toolChoiceOf(toolChoice);
  return typeof choice !== 'object' || namesOf(tools).includes(choice.tool) ? choice : undefined;
}

/** `provider/id` taken apart; ids may hold slashes of their own. */
function modelOf(key: string | null): { provider?: string; model?: string } {
  if (!key) return {};
  const slash = key.indexOf('/');
  return { provider: key.slice(0, slash), model: key.slice(slash + 1) };
}

/** What is sent: a chosen model comes with its provider, so that two vendors' models of one name are told apart. */
export function toAgent(draft: Draft): Agent {
  const { tools, maxOutputTokens, maxSteps } = draft;
  const [output, toolChoice] = [outputOf(draft), choiceOf(draft)];
  return {
    prompt: draft.prompt,
    ...modelOf(draft.model),
    ...(draft.system.trim() ? { system: draft.system } : {}),
    ...(typeof maxOutputTokens === 'number' ? { maxOutputTokens } : {}),
    ...(typeof maxSteps === 'number' ? { maxSteps } : {}),
    ...(tools.length > 0 ? { tools } : {}),
    ...(toolChoice ? { toolChoice } : {}),
    ...stepsOf(draft),
    ...(output ? { output } : {}),
  };
}
