import { Injectable } from '@nestjs/common';
import { RestoreWatch } from '#lib/persistence';

/** Whether the control plane only takes away, for whoever judges that by what is there already. */
@Injectable()
export class RestoredGate {
  constructor(private readonly watch: RestoreWatch) {}

  /** The database is an old copy that no operator has acknowledged. */
  get closed(): boolean {
    return this.watch.refused;
  }
}
