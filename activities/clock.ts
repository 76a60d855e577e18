import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { onBehalfOf } from '../db/platform/call.ts';
import { takeUpAdvance } from '../db/clocks/clocks.ts';
import { Walk, type WalkDeps } from '../engine/clocks/clock.ts';
import type { Relay } from '../relay/relay.ts';

export interface ClockDeps extends Omit<WalkDeps, 'deliver' | 'restartUnable'> {
  readonly relay: Relay;
}

const HEARTBEAT_MS = 5_000;

/** The activity that walks a test clock through its agenda, with a heartbeat. */
export function createClockActivities(deps: ClockDeps): { advance(clockId: string): Promise<void> } {
  const { relay } = deps;
  return {
    async advance(clockId) {
      const merchant = await takeUpAdvance(deps.pool, clockId);
      if (merchant === null) return;
      const context = Context.current();
      const deliver = (id: string): Promise<unknown> => relay.deliverBatch({ clockId: id });
      const restartUnable = (id: string): Promise<boolean> => relay.restartUnable(merchant, id);
      const walk = new Walk({ ...deps, deliver, restartUnable }, merchant, clockId);
      const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
      try {
        // A worker that stops settles nothing any more. Another worker continues from the rows.
        await Promise.race([onBehalfOf(merchant, () => walk.run()), context.cancelled, stopped(relay)]);
      } finally {
        walk.stop();
        clearInterval(beat);
      }
    },
  };
}

async function stopped(relay: Relay): Promise<never> {
  await relay.stopped;
  throw ApplicationFailure.create({
    type: 'WorkerStops',
    message: 'this worker stops; another worker continues the clock',
    category: 'BENIGN',
  });
}
