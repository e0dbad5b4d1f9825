import { Empty } from './empty';
import { Surface } from './surface';

/** Stands where a workspace would, for an address that names none of one's own. */
export function NoSuchWorkspace() {
  return (
    <Surface>
      <Empty alone title="No such workspace">
        It does not exist, or you did not join it. Choose another on the left, or ask an owner or admin to add
        you.
      </Empty>
    </Surface>
  );
}
