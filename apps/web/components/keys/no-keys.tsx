import { Button } from '@mantine/core';
import type { Provider } from '@/lib/api/types';
import { Empty } from '@/components/ui/empty';
import { Status } from '@/components/ui/status';
import { ProviderTiles } from './provider-tiles';
import styles from './keys.module.css';

const PICTURE = [
  { name: 'Anthropic production', mask: 'sk-ant-…x9Qd' },
  { name: 'OpenAI research', mask: 'sk-proj-…8aZ1' },
];

interface NoKeysProps {
  providers: Provider[] | undefined;
  canWrite: boolean;
  onAdd: (provider?: string) => void;
}

/** The first page of a new organization: what a key will look like here, and how to add one. */
export function NoKeys({ providers, canWrite, onAdd }: NoKeysProps) {
  return (
    <Empty
      title={canWrite ? 'Add your first key' : 'No keys yet'}
      picture={
        <div className={styles.picture}>
          {PICTURE.map(({ name, mask }) => (
            <div key={name} className={styles.pictureRow}>
              <span>{name}</span>
              <span className="mono">{mask}</span>
              <Status tone="good">Configured</Status>
            </div>
          ))}
        </div>
      }
      action={canWrite && <Button onClick={() => onAdd()}>Add a key</Button>}
    >
      {canWrite
        ? 'Paste a key of a provider that you already pay. It is sealed at once; from then on only a mask of it is shown, and only the workspaces that you choose can use it.'
        : 'Keys are added by an owner. Ask one to add the first.'}
      {canWrite && providers && (
        <span style={{ display: 'block', marginTop: 16 }}>
          <ProviderTiles providers={providers} onPick={onAdd} />
        </span>
      )}
    </Empty>
  );
}
