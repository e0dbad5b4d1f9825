import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { ApprovalsRepository } from './approvals.repository.js';
import { ApprovalsService } from './approvals.service.js';
import { DryRunService } from './dry-run.service.js';
import { PoliciesController } from './policies.controller.js';
import { PoliciesRepository } from './policies.repository.js';
import { PoliciesService } from './policies.service.js';
import { PolicyInput } from './policy-input.js';
import { PolicyJudges } from './policy-judges.js';
import { PolicyRecordsController } from './policy-records.controller.js';
import { PolicySubjectsRepository } from './policy-subjects.repository.js';
import { RecentRunsRepository } from './recent-runs.repository.js';
import { ViolationsRepository } from './violations.repository.js';
import { ViolationsService } from './violations.service.js';

@Module({
  imports: [CatalogModule],
  controllers: [PolicyRecordsController, PoliciesController],
  providers: [
    PoliciesService,
    PoliciesRepository,
    PolicyInput,
    PolicyJudges,
    PolicySubjectsRepository,
    ViolationsService,
    ViolationsRepository,
    ApprovalsService,
    ApprovalsRepository,
    DryRunService,
    RecentRunsRepository,
  ],
})
export class PoliciesModule {}
