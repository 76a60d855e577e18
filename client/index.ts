export { all, createClient } from './client.ts';
export type { Answer, Args, ClientOptions, Entry, ListPath, RequestOptions, TenorClient } from './client.ts';
export { TenorProblem, TenorUnreachable } from './problem.ts';
export type { ProblemField } from './problem.ts';
export type * from './types.ts';
export { WebhookRefused, verifyWebhook } from './webhooks.ts';
