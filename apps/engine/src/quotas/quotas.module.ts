import { Module } from '@nestjs/common';
import { JudgeChargeStore } from './judge-charge.store.js';
import { LostReservations } from './lost-reservations.js';
import { QuotaGate } from './quota-gate.js';
import { QuotaStore } from './quota.store.js';

@Module({
  providers: [JudgeChargeStore, LostReservations, QuotaGate, QuotaStore],
  exports: [JudgeChargeStore, LostReservations, QuotaGate, QuotaStore],
})
export class QuotasModule {}
