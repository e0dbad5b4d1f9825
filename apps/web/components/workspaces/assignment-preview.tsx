import { Text } from '@mantine/core';
import { plural } from '@/lib/format';
import type { AssignmentPreview, ModelRef } from '@/lib/api/types';
import { ProblemAlert } from '@/components/ui/problem-alert';
import styles from './workspaces.module.css';

interface AssignmentPreviewPaneProps {
  changed: boolean;
  preview: AssignmentPreview | undefined;
  error: Error | null;
}

/** What saving would give to and take from the workspace. */
export function AssignmentPreviewPane({ changed, preview, error }: AssignmentPreviewPaneProps) {
  if (error) return <ProblemAlert error={error} />;
  return (
    <div className={styles.preview} role="status" aria-live="polite">
      {!changed && <Text c="dimmed">Change something to see which models are gained and lost.</Text>}
      {changed && !preview && <Text c="dimmed">Working out what changes …</Text>}
      {changed && preview && (
        <>
          {preview.gained.length === 0 && preview.lost.length === 0 && (
            <Text>The same models stay available.</Text>
          )}
          <Models title={`Gains ${plural(preview.gained.length, 'model')}`} models={preview.gained} />
          <Models title={`Loses ${plural(preview.lost.length, 'model')}`} models={preview.lost} />
        </>
      )}
    </div>
  );
}

function Models({ title, models }: { title: string; models: ModelRef[] }) {
  if (models.length === 0) return null;
  return (
    <div>
      <Text fw={600}>{title}</Text>
      <ul className={styles.models}>
        {models.map(({ provider, id }) => (
          <li key={`${provider}/${id}`}>{id}</li>
        ))}
      </ul>
    </div>
  );
}
