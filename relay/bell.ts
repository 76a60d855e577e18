/** The pause of a loop between two looks. It ends when its time is over, when the loop stops, or when `ring` is called. */
export class Bell {
  private rung = false;
  private wake: () => void = () => undefined;

  /** Ends the current pause, or the next one if the loop is at work. */
  ring(): void {
    this.rung = true;
    this.wake();
  }

  async wait(ms: number, stop: AbortSignal): Promise<void> {
    // A ring during the work before this pause ends the pause at once.
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
