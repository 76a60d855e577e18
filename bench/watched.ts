import { type Sinks, type WorkflowInterceptorsFactory, proxySinks } from '@temporalio/workflow';

export interface LapseSinks extends Sinks {
  readonly lapse: { sleeps(): void };
}

const { lapse } = proxySinks<LapseSinks>();

/** Says of each workflow that it sleeps, when it has started its timer. */
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
