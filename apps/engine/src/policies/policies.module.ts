import { Module } from '@nestjs/common';
import { ViolationLog } from './violation-log.js';
import { ViolationsStore } from './violations.store.js';

/** What the policies of an organization make of its calls, and the receipts of it. */
@Module({ providers: [ViolationLog, ViolationsStore], exports: [ViolationLog] })
export class PoliciesModule {}
