import { IconLock } from '@tabler/icons-react';
import { Status } from './status';

/** Says of a row that it exceeds the plan; nothing for one that does not. */
export function ReadOnly({ of }: { of: { readOnly: boolean } }) {
  if (!of.readOnly) return null;
  return (
    <span title="Exceeds your plan. Nothing was deleted; see Plan & Usage.">
      <Status tone="warn" icon={IconLock}>
        Read-only
      </Status>
    </span>
  );
}
