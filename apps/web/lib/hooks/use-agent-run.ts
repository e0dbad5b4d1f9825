'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { streamRun, type Agent } from '@/lib/api/runs';
import { isProblem, toProblem } from '@/lib/api/problem';
import type { RunAnswer } from '@/lib/api/types';

export interface RunState {
  phase: 'idle' | 'running' | 'done' | 'failed' | 'stopped';
  text: string;
  tools: string[];
  notice: string | null;
  answer: RunAnswer | null;
  error: unknown;
}

const IDLE: RunState = { phase: 'idle', text: '', tools: [], notice: null, answer: null, error: null };

/** Runs the node, keeps what has arrived so far, and can be stopped. Leaving the page stops it too. */
export function useAgentRun(workspaceId: string) {
  const [state, setState] = useState<RunState>(IDLE);
  const controller = useRef<AbortController | null>(null);

  const stop = useCallback(() => controller.current?.abort(), []);
  useEffect(() => stop, [stop]);

  const start = useCallback(
    async (agent: Agent) => {
      controller.current?.abort();
      const current = new AbortController();
      controller.current = current;
      const update = (change: (before: RunState) => Partial<RunState>) => {
        if (controller.current === current) setState((before) => ({ ...before, ...change(before) }));
      };
      setState({ ...IDLE, phase: 'running' });
      try {
        for await (const event of streamRun(workspaceId, agent, current.signal)) {
          switch (event.type) {
            case 'delta':
              update(({ text }) => ({ text: text + event.text, notice: null }));
              break;
            case 'tool':
              update(({ tools }) => ({ tools: [...tools, `${event.name} ${event.detail}`] }));
              break;
            case 'retry':
              update(() => ({ notice: event.reason }));
              break;
            case 'finished':
              update(({ text }) => ({
                phase: 'done',
                text: event.answer.text || text,
                answer: event.answer,
              }));
              break;
          }
        }
      } catch (error) {
        if (current.signal.aborted) update(() => ({ phase: 'stopped' }));
        else
          update(() => ({ phase: 'failed', error: isProblem(error) ? error : toProblem(null, undefined) }));
      }
    },
    [workspaceId],
  );
  return { state, start, stop };
}
