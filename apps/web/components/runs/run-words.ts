import type { AskedAgent, RunAnswer, RunStatus, StopReason } from '@/lib/api/types';
import type { Tone } from '@/components/ui/status';

export const RUN_WORDS: Record<RunStatus, string> = {
  queued: 'Waits its turn',
  running: 'Running',
  requires_action: 'Waits for you',
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
  outcome_unknown: 'Outcome unknown',
};

export const RUN_TONES: Record<RunStatus, Tone> = {
  queued: 'warn',
  running: 'warn',
  requires_action: 'warn',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'quiet',
  outcome_unknown: 'bad',
};

/** Why a run that succeeded ended when it did. */
export const STOP_WORDS: Record<StopReason, string> = {
  model: 'The model was done',
  maxSteps: 'Its steps at most were used',
  toolCall: 'A stop condition held: the tool was called',
  steps: 'A stop condition held: so many steps were made',
  text: 'A stop condition held: the text was written',
  tokens: 'A stop condition held: so many tokens were used',
  costMicroUsd: 'A stop condition held: it cost so much',
};

/** Whether the run can still be stopped. */
export function isUnderWay(status: RunStatus): boolean {
  return status === 'queued' || status === 'running' || status === 'requires_action';
}

/** What the one who reads of this failure does next; null where its own words say it. */
export function nextStep(code: string): string | null {
  switch (code) {
    case 'no_provider_key':
    case 'model_not_available':
    case 'model_lacks_tools':
    case 'provider_disabled':
      return 'Pick another model in the Agent node, or ask an owner to hand the workspace a key that serves this one.';
    case 'upstream_auth_failed':
      return 'An owner tests the key under Settings → AI Providers, and rotates it if the vendor no longer takes it.';
    case 'rate_limited':
    case 'overloaded':
    case 'upstream_error':
    case 'upstream_timeout':
    case 'engine_unavailable':
    case 'kms_unavailable':
      return 'Run it again in a moment. If it stays so, look at the attempts: they name what the vendor answered.';
    case 'quota_exceeded':
    case 'budget_exceeded':
    case 'plan_limit_reached':
      return 'Wait until the window is over, or ask an owner to raise the limit under Settings → Plan & Usage.';
    case 'policy_violation':
      return 'Change what the node asks for, or ask an owner for an exception under Settings → Policies.';
    case 'egress_blocked':
      return 'Ask an owner: the address of a tool or a server is one that this installation does not dial.';
    case 'output_invalid':
      return 'Say more exactly in the prompt what the answer is to be, or ask for less in the schema.';
    case 'outcome_unknown':
      return 'Look with the provider whether it acted; then run it again.';
    case 'pause_expired':
      return 'Answer it in time: run it again, or have the operator let paused runs wait longer.';
    case 'run_cancelled':
      return 'Run it again when you want its answer.';
    default:
      return null;
  }
}

/** Whether a provider counted nothing: such a run has no price, known or not. */
export function isFree({ totalTokens, costMicroUsd }: RunAnswer['usage']): boolean {
  return totalTokens === 0 && !costMicroUsd;
}

/** How long something took. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000
    ? `${(ms / 1_000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

/** What a run was asked: the prompt where that is all, else the conversation as it was sent. */
export function askedWords({ system, messages = [] }: AskedAgent): string {
  const [first] = messages;
  const isPrompt = messages.length === 1 && first?.role === 'user' && typeof first.content === 'string';
  const asked = isPrompt ? String(first.content) : JSON.stringify(messages, null, 2);
  return system ? `${system}\n\n${asked}` : asked;
}
