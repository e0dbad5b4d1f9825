export { queueBackend, type QueueBackend } from './backend.js';
export { JobQueue, type AddOptions } from './job-queue.js';
export { JobWorker, type JobWorkerOptions } from './job-worker.js';
