import { isProblem } from '@/lib/api/problem';
import type { Agent, StepRule, StopCondition, ToolChoice } from '@/lib/api/types';
import { linesOf } from './tool-draft';

export type StopKind = StopCondition['type'];

/** A condition to stop as it is being written; what it costs is written in USD. */
export interface StopDraft {
  type: StopKind;
  value: number | string;
}

/** A rule for steps as it is being written. */
export interface StepRuleDraft {
  from: number | string;
  to: number | string;
  /** `auto`, `none`, `required`, or `tool:` and a name; empty: as the node says. */
  toolChoice: string;
  /** Names, one a line; empty: all of the node's. */
  tools: string;
}

/** What of a node goes on step by step. Drafts that were kept before there was such a thing have neither. */
export interface StepsDraft {
  stops?: StopDraft[];
  stepRules?: StepRuleDraft[];
}

export const STOP_KINDS: Record<StopKind, { words: string; label: string }> = {
  toolCall: { words: 'it called the tool', label: 'Tool' },
  steps: { words: 'it made so many steps', label: 'Steps' },
  text: { words: 'a step’s text contains', label: 'Text' },
  tokens: { words: 'it used so many tokens', label: 'Tokens' },
  costMicroUsd: { words: 'it cost so much', label: 'USD' },
};

export const NEW_STOP: StopDraft = { type: 'toolCall', value: '' };
export const NEW_RULE: StepRuleDraft = { from: '', to: '', toolChoice: '', tools: '' };

const MICRO_USD = 1_000_000;
const CHOICES = ['auto', 'none', 'required'] as const;

export function isStopKind(value: string): value is StopKind {
  return value in STOP_KINDS;
}

/** The choice that a select's value stands for; undefined for one of no meaning. */
export function toolChoiceOf(value: string): ToolChoice | undefined {
  if (value.startsWith('tool:')) return { tool: value.slice('tool:'.length) };
  return CHOICES.find((choice) => choice === value);
}

function stopOf({ type, value }: StopDraft): StopCondition {
  switch (type) {
    case 'toolCall':
      return { type, tool: String(value).trim() };
    case 'steps':
      return { type, count: Number(value) };
    case 'text':
      return { type, contains: String(value) };
    case 'tokens':
      return { type, max: Number(value) };
    case 'costMicroUsd':
      return { type, max: Math.round(Number(value) * MICRO_USD) };
  }
}

function ruleOf({ from, to, toolChoice, tools }: StepRuleDraft): StepRule {
  const choice = toolChoiceOf(toolChoice);
  const names = linesOf(tools);
  return {
    ...(typeof from === 'number' ? { from } : {}),
    ...(typeof to === 'number' ? { to } : {}),
    ...(choice ? { toolChoice: choice } : {}),
    ...(names.length > 0 ? { tools: names } : {}),
  };
}

/** What is sent of both. What is not filled in goes as it is: the engine says of each field what it lacks. */
export function stepsOf({ stops = [], stepRules = [] }: StepsDraft): Pick<Agent, 'stopWhen' | 'steps'> {
  return {
    ...(stops.length > 0 ? { stopWhen: stops.map(stopOf) } : {}),
    ...(stepRules.length > 0 ? { steps: stepRules.map(ruleOf) } : {}),
  };
}

/** What a refusal says of these fields by their pointers within the agent; undefined where it says nothing. */
export type FaultOf = (...pointers: string[]) => string | undefined;

/** Reads a refusal of `sent` for the node as it is now: rows that were changed since have no fault any more. */
export function faultsOfSteps(error: unknown, sent: Agent | null, now: StepsDraft): FaultOf {
  const { stopWhen, steps } = sent ?? {};
  const isSame = JSON.stringify(stepsOf(now)) === JSON.stringify({ stopWhen, steps });
  const faults = isSame && isProblem(error) ? (error.body.errors ?? []) : [];
  return (...pointers) =>
    faults.find(({ pointer }) => pointers.some((of) => `/agent${of}` === pointer))?.detail;
}
