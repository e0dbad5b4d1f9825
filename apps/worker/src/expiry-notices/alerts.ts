import { Injectable } from '@nestjs/common';
import { PolicyAlertStore, QuotaAlertStore } from '#lib/persistence';

/** What the organization itself asked to be told of: quotas at their thresholds, policies that calls break. */
@Injectable()
export class Alerts {
  constructor(
    private readonly quotas: QuotaAlertStore,
    private readonly policies: PolicyAlertStore,
  ) {}

  async run(): Promise<void> {
    await this.quotas.run();
    await this.policies.run();
  }
}
