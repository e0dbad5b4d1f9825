import { Module } from '@nestjs/common';
import { Meter } from './meter.js';
import { MeteringStore } from './metering.store.js';

@Module({ providers: [Meter, MeteringStore], exports: [Meter] })
export class MeteringModule {}
