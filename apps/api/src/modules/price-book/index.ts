export { PriceBookModule } from './price-book.module.js';
