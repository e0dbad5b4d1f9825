export { executionsCounter, type CountedResource } from './plan-limit.js';
export { PlanLimitsDto } from './plan-limits.dto.js';
export { PlanLimitsModule } from './plan-limits.module.js';
export { PlanLimitsService } from './plan-limits.service.js';
