/** A tab in the background gets no animation frames, yet its title and sounds must go on. */
const HIDDEN_MS = 250;

/** Collects what arrives and hands it on once per animation frame, so that a burst costs one paint. */
export class Batch<T> {
  private waiting: T[] = [];
  private cancel: (() => void) | null = null;

  constructor(private readonly deliver: (items: T[]) => void) {}

  add(item: T): void {
    this.waiting.push(item);
    this.cancel ??= document.hidden ? after(HIDDEN_MS, this.flush) : nextFrame(this.flush);
  }

  /** Hands on at once what has arrived so far. */
  readonly flush = (): void => {
    this.cancel?.();
    this.cancel = null;
    if (this.waiting.length === 0) return;
    const items = this.waiting;
    this.waiting = [];
    this.deliver(items);
  };

  clear(): void {
    this.cancel?.();
    this.cancel = null;
    this.waiting = [];
  }
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** The timer is for a tab that goes to the background before the frame comes. */
function nextFrame(run: () => void): () => void {
  const frame = requestAnimationFrame(run);
  const timer = setTimeout(run, HIDDEN_MS);
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
