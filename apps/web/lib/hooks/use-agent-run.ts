'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import {
  followRun,
  resumeRun,
  streamRun,
  type PausedAt,
  type RunEvent,
  type ToolEvent,
} from '@/lib/api/runs';
import { giveWord, type Word } from '@/lib/api/run-records';
import { waitingFor, type Waiting } from '@/lib/waiting';
import { isProblem, toProblem } from '@/lib/api/problem';
import type { Agent, RunAnswer, ToolOutput } from '@/lib/api/types';

/** A tool that was called, with what it gave as soon as that is there. */
export type CalledTool = ToolEvent & { name: string; input: unknown };

export interface RunState {
  phase: 'idle' | 'running' | 'paused' | 'done' | 'failed' | 'stopped';
  text: string;
  tools: CalledTool[];
  /** What the run waits for while it is paused. */
  waiting: Waiting;
  notice: string | null;
  answer: RunAnswer | null;
  error: unknown;
}

const NOTHING: Waiting = { outputs: [], approvals: [] };

const IDLE: RunState = {
  phase: 'idle',
  text: '',
  tools: [],
  waiting: NOTHING,
  notice: null,
  answer: null,
  error: null,
};

/** Puts an event of a tool to what is known of its call. */
function withTool(tools: CalledTool[], call: ToolEvent): CalledTool[] {
  const known = tools.find(({ toolCallId }) => toolCallId === call.toolCallId);
  if (!known) return [...tools, { ...call, name: call.name ?? 'tool', input: call.input ?? null }];
  return tools.map((tool) => (tool === known ? { ...known, ...call, name: call.name ?? known.name } : tool));
}

/** What an event changes of what is shown. */
function changeBy(event: RunEvent, { text, tools }: RunState): Partial<RunState> {
  switch (event.type) {
    case 'delta':
      return { text: text + event.text, notice: null };
    case 'tool':
      return { tools: withTool(tools, event.call) };
    case 'retry':
      return { notice: event.reason };
    case 'paused':
      return { phase: 'paused', answer: event.answer, waiting: waitingFor(event.answer) };
    case 'finished':
      return { phase: 'done', text: event.answer.text || text, answer: event.answer };
  }
}

/** Runs the node, keeps what has arrived so far, goes on where it waits for the caller, and can be stopped. Leaving the page stops it too. */
export function useAgentRun(workspaceId: string) {
  const [state, setState] = useState<RunState>(IDLE);
  const controller = useRef<AbortController | null>(null);
  const paused = useRef<PausedAt | null>(null);

  const stop = useCallback(() => controller.current?.abort(), []);
  useEffect(() => stop, [stop]);

  const listen = useCallback(async (open: (signal: AbortSignal) => AsyncGenerator<RunEvent>) => {
    controller.current?.abort();
    const current = new AbortController();
    controller.current = current;
    const update = (change: (before: RunState) => Partial<RunState>) => {
      if (controller.current === current) setState((before) => ({ ...before, ...change(before) }));
    };
    try {
      for await (const event of open(current.signal)) {
        if (event.type === 'paused')
          paused.current = { runId: event.answer.id, lastEventId: event.lastEventId };
        update((before) => changeBy(event, before));
      }
    } catch (error) {
      if (current.signal.aborted) return update(() => ({ phase: 'stopped' }));
      update(() => ({ phase: 'failed', error: isProblem(error) ? error : toProblem(null, undefined) }));
    }
  }, []);

  const start = useCallback(
    (agent: Agent) => {
      setState({ ...IDLE, phase: 'running' });
      return listen((signal) => streamRun(workspaceId, agent, signal));
    },
    [listen, workspaceId],
  );

  const resume = useCallback(
    async (outputs: ToolOutput[]) => {
      const waiting = paused.current;
      if (!waiting) return;
      setState((before) => ({
        ...before,
        phase: 'running',
        text: '',
        waiting: NOTHING,
        tools: withOutputs(before.tools, outputs),
      }));
      await listen((signal) => resumeRun(workspaceId, waiting, outputs, signal));
    },
    [listen, workspaceId],
  );

  const decide = useCallback(
    async (word: Word) => {
      const at = paused.current;
      if (!at) return;
      const answer = await giveWord(workspaceId, at.runId, word);
      if (answer.status === 'requires_action')
        return setState((before) => ({ ...before, answer, waiting: waitingFor(answer) }));
      setState((before) => ({ ...before, phase: 'running', text: '', waiting: NOTHING }));
      void listen((signal) => followRun(workspaceId, at, signal));
    },
    [listen, workspaceId],
  );
  return { state, start, resume, decide, stop };
}

function withOutputs(tools: CalledTool[], outputs: ToolOutput[]): CalledTool[] {
  return tools.map((tool) => ({
    ...tool,
    ...outputs.find(({ toolCallId }) => toolCallId === tool.toolCallId),
  }));
}

export type AgentRun = ReturnType<typeof useAgentRun>;
