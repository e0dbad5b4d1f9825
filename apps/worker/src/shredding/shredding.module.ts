import { Module } from '@nestjs/common';
import { ShreddingProcessor } from './shredding.processor.js';

@Module({ providers: [ShreddingProcessor] })
export class ShreddingModule {}
