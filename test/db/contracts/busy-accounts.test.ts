import { expect, it } from 'vitest';
import { Busy } from '../../../db/platform/transient.ts';
import { BusyAccounts } from '../../../engine/contracts/busy-accounts.ts';

const lockTimeout = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });

function createBusyAccounts(): { busy: BusyAccounts; pass(ms: number): void } {
  let now = 0;
  return { busy: new BusyAccounts(() => now), pass: (ms) => (now += ms) };
}

async function lockAccount(
  busy: BusyAccounts,
  accountId: string,
  lock: () => Promise<string>,
): Promise<string> {
  busy.giveWay(accountId);
  return busy.waiting(accountId, lock);
}

/** Starts to wait for the lock of an account. `done` is the result; `got` and `timedOut` end the wait. */
function wait(busy: BusyAccounts): { done: Promise<string>; got(): void; timedOut(): void } {
  let end: { got(): void; timedOut(): void } = { got: () => undefined, timedOut: () => undefined };
  const lock = (): Promise<string> =>
    new Promise((resolve, reject) => {
      end = { got: () => resolve('locked'), timedOut: () => reject(lockTimeout) };
    });
  const done = lockAccount(busy, 'acc_1', lock).catch((error: unknown) =>
    error instanceof Busy ? 'gave way' : 'timed out',
  );
  return { done, got: () => end.got(), timedOut: () => end.timedOut() };
}

it('a step waits for the lock of an account if no other one has waited for more than 200 ms', async () => {
  const { busy, pass } = createBusyAccounts();
  const first = wait(busy);
  pass(200);
  const second = wait(busy);
  first.got();
  second.got();
  expect(await Promise.all([first.done, second.done])).toEqual(['locked', 'locked']);
});

it('a step gives way at once if another one has waited for more than 200 ms, but not on other accounts', async () => {
  const { busy, pass } = createBusyAccounts();
  const first = wait(busy);
  pass(201);
  expect(await wait(busy).done).toBe('gave way');
  expect(await lockAccount(busy, 'acc_2', () => Promise.resolve('locked'))).toBe('locked');
  first.got();
  await first.done;
  const next = wait(busy);
  next.got();
  expect(await next.done).toBe('locked');
});

it('after a lock timeout only one step tries the account, a second later, until one gets the lock', async () => {
  const { busy, pass } = createBusyAccounts();
  const first = wait(busy);
  first.timedOut();
  expect(await first.done).toBe('timed out');
  pass(999);
  expect(await wait(busy).done).toBe('gave way');
  pass(1);
  const probe = wait(busy);
  expect(await wait(busy).done).toBe('gave way');
  probe.got();
  expect(await probe.done).toBe('locked');
  const [one, two] = [wait(busy), wait(busy)];
  one.got();
  two.got();
  expect(await Promise.all([one.done, two.done])).toEqual(['locked', 'locked']);
});
