export { all, createClient } from './client.ts';
export type {
  Answer,
  Args,
  ChangeOptions,
  ClientOptions,
  Entry,
  ListPath,
  PendingAnswer,
  RequestOptions,
  TenorClient,
  WithResponse,
} from './client.ts';
export { TenorProblem, TenorUnreachable } from './problem.ts';
export type { ProblemField } from './problem.ts';
export type * from './types.ts';
export { WebhookRefused, verifyWebhook } from './webhooks.ts';
