'use client';

import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { Agent } from '@/lib/api/types';
import type { ModelList, WorkspaceSummary } from '@/lib/api/types';
import { useAgentRun } from '@/lib/hooks/use-agent-run';
import { Surface } from '@/components/ui/surface';
import { AgentFields } from './agent-fields';
import { RunPane } from './run-pane';
import { EMPTY_DRAFT, outputProblem, toAgent, type Draft } from './draft';
import { faultsOfSteps } from './step-draft';
import styles from './agent.module.css';

const ModelPicker = dynamic(() => import('./model-picker').then((module) => module.ModelPicker), {
  ssr: false,
  loading: () => <Skeleton height={80} />,
});

interface AgentEditorProps {
  workspace: WorkspaceSummary;
  models: ModelList;
  canRun: boolean;
}

/** The node's fields on the left, what came of them on the right. The draft is kept in this browser. */
export function AgentEditor({ workspace, models, canRun }: AgentEditorProps) {
  const [draft, setDraft] = useLocalStorage<Draft>({
    key: `claviger-node-${workspace.id}`,
    defaultValue: EMPTY_DRAFT,
    getInitialValueInEffect: false,
  });
  const [sent, setSent] = useState<Agent | null>(null);
  const run = useAgentRun(workspace.id);
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const model = models.data.some((candidate) => `${candidate.provider}/${candidate.id}` === draft.model)
    ? draft.model
    : null;
  const faulty = outputProblem(draft) !== null;
  const running = run.state.phase === 'running';
  const submit = () => {
    const agent = toAgent({ ...draft, model });
    setSent(agent);
    void run.start(agent);
  };
  return (
    <div className={styles.columns}>
      <Surface title="Node">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!running) submit();
          }}
        >
          <Stack>
            <ModelPicker models={models} value={model} onChange={(next) => set({ model: next })} />
            <AgentFields
              workspaceId={workspace.id}
              draft={draft}
              faultOf={faultsOfSteps(run.state.error, sent, draft)}
              onChange={set}
            />
            {!canRun && (
              <Text c="dimmed">
                You may look at this node but not run it. An owner or admin can let you under Settings →
                Workspaces → Members.
              </Text>
            )}
            <Group>
              <Button type="submit" disabled={!canRun || !draft.prompt.trim() || faulty} loading={running}>
                Try it
              </Button>
              {running && (
                <Button variant="default" onClick={run.stop}>
                  Stop
                </Button>
              )}
            </Group>
          </Stack>
        </form>
      </Surface>
      <RunPane run={run} workspace={workspace} agent={sent} />
    </div>
  );
}
