export { PlatformCatalogueModule } from './platform-catalogue.module.js';
