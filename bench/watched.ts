import { type Sinks, type WorkflowInterceptorsFactory, proxySinks } from '@temporalio/workflow';

/** The sinks by which workflows report that they sleep. */
export interface LapseSinks extends Sinks {
  readonly lapse: { sleeps(): void };
}

const { lapse } = proxySinks<LapseSinks>();

/** Reports that a workflow sleeps when it starts its timer. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      async startTimer(input, next) {
        lapse.sleeps();
        return next(input);
      },
    },
  ],
});
