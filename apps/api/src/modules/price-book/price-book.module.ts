import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { PriceBookController } from './price-book.controller.js';
import { PriceBookRepository } from './price-book.repository.js';
import { PriceBookService } from './price-book.service.js';

@Module({
  imports: [CatalogModule],
  controllers: [PriceBookController],
  providers: [PriceBookService, PriceBookRepository],
})
export class PriceBookModule {}
