/** What a loop waits for between two looks: its time, the end, or that somebody rings. */
export class Bell {
  private rung = false;
  private wake: () => void = () => undefined;

  /** Ends the wait that is under way, or the next one. */
  ring(): void {
    this.rung = true;
    this.wake();
  }

  async wait(ms: number, stop: AbortSignal): Promise<void> {
    // During the work before: nobody will say it again.
    if (!this.rung && !stop.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          stop.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        stop.addEventListener('abort', done, { once: true });
        this.wake = done;
      });
    }
    this.rung = false;
  }
}
