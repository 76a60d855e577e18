export { account } from './account.ts';
export { clock } from './clock.ts';
export { collection } from './collection.ts';
export { contract } from './contract.ts';
export { job } from './job.ts';
