import type { Provider } from '@/lib/api/types';
import styles from './keys.module.css';

function note({ orgEnabled, credential }: Provider): string {
  if (!orgEnabled) return 'Switched off by its gate';
  return credential.required ? 'Needs a key' : 'Works without a key';
}

/** The providers to choose from, each with what it asks for. */
export function ProviderTiles({
  providers,
  onPick,
}: {
  providers: Provider[];
  onPick: (slug: string) => void;
}) {
  return (
    <span className={styles.tiles} role="group" aria-label="Providers">
      {providers.map((provider) => (
        <button
          key={provider.slug}
          type="button"
          className={styles.tile}
          onClick={() => onPick(provider.slug)}
        >
          <span className={styles.tileName}>{provider.name}</span>
          <span className={styles.tileNote}>{note(provider)}</span>
        </button>
      ))}
    </span>
  );
}
