import { Batch } from "./batch";
import type { ConnectionPhase } from "./connection";
import { type Control, type Frame, type LiveEvent, readFrame } from "./events";

/** An event as the app gets it. `isReplay`: it happened before, and comes now only to close a gap. */
export interface Arrived {
  event: LiveEvent;
  isReplay: boolean;
}

export interface SocketNeeds {
  /** A new single-use ticket. Fails when there is no session or no server. */
  ticket: () => Promise<string>;
  url: () => string;
  /** Once per animation frame. */
  onEvents: (events: Arrived[]) => void;
  /** What was missed cannot be told: everything that lives from events must be loaded again. */
  onResync: () => void;
  onPhase: (phase: ConnectionPhase) => void;
  /** The server says that the session is over. Resolves when there is a new one. */
  onSessionOver: () => Promise<void>;
}

const PROTOCOL = "chatdesk.v1";
/** Events up to this many before `hello` are asked for at the start: pages are loaded while the socket opens, and what
 * happens between the two must not be lost. Applying an event twice changes nothing. */
const OVERLAP = 50;
/** Browsers hide the server's pings, so after this silence we ask for a sign of life. */
const SILENCE_MS = 25_000;
const ANSWER_MS = 8_000;
const OPENING_MS = 10_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A connection that ends sooner was none: what counts failures goes on, and a suspended business is not said to work again. */
const HELD_MS = 5_000;
const CLOSED = { sessionOver: 4401, suspended: 4403 };

/** Keeps one live socket open, in order and without gaps. */
export class LiveSocket {
  private socket: WebSocket | null = null;
  private running = false;
  /** Grows with each try to connect: what belongs to an older one is ignored. */
  private attempt = 0;
  private failures = 0;
  /** The newest event that was received. */
  private last: number | null = null;
  private catchingUp = false;
  private told: ConnectionPhase = "idle";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private holding: ReturnType<typeof setTimeout> | undefined;
  private readonly batch: Batch<Arrived>;

  constructor(private readonly needs: SocketNeeds) {
    this.batch = new Batch(needs.onEvents);
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    addEventListener("online", this.hurry);
    addEventListener("offline", this.probe);
    document.addEventListener("visibilitychange", this.hurry);
    void this.connect();
  }

  stop(): void {
    this.running = false;
    removeEventListener("online", this.hurry);
    removeEventListener("offline", this.probe);
    document.removeEventListener("visibilitychange", this.hurry);
    this.drop();
    this.batch.clear();
    this.last = null;
    this.phase("idle");
  }

  /** Tells colleagues something about the moment; lost when there is no connection. */
  send(frame: { type: "typing" | "presence"; data: Record<string, unknown> }): void {
    if (this.socket?.readyState === WebSocket.OPEN && !this.catchingUp)
      this.socket.send(JSON.stringify(frame));
  }

  private async connect(): Promise<void> {
    this.drop();
    const attempt = ++this.attempt;
    this.phase(this.failures === 0 && this.last === null ? "connecting" : "offline");
    let ticket: string;
    try {
      ticket = await this.needs.ticket();
    } catch {
      if (attempt === this.attempt) this.later();
      return;
    }
    if (!this.running || attempt !== this.attempt) return;
    const socket = new WebSocket(this.needs.url(), [PROTOCOL, `ticket.${ticket}`]);
    this.socket = socket;
    this.catchingUp = true;
    this.wait(OPENING_MS, this.lost);
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (socket === this.socket && typeof data === "string") this.hear(data);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.socket) this.closed(code);
    };
  }

  private hear(json: string): void {
    this.take(readFrame(json));
    // It may have been the reason to leave this connection.
    if (this.socket !== null) this.watch();
  }

  private take(frame: Frame): void {
    if (frame.kind === "control") this.control(frame.control);
    else if (frame.seq !== null && !this.isNext(frame.seq)) return;
    else if (frame.kind === "event") this.batch.add({ event: frame.event, isReplay: this.catchingUp });
    else if (frame.seq !== null) this.resync();
  }

  private control(control: Control): void {
    if (control.type === "hello") {
      this.last ??= Math.max(0, control.seq - OVERLAP);
      this.resume();
    } else if (control.type === "error") {
      // It refused a frame of ours; while catching up that was the resume, and without it there may be a gap.
      if (this.catchingUp) this.lost();
    } else {
      const isAhead = this.last !== null && control.seq > this.last;
      this.last = control.seq;
      this.online();
      if (control.type === "resync" || isAhead) this.resync();
    }
  }

  /** Whether the event follows the last one. An older one is a repetition, a newer one leaves a gap. */
  private isNext(seq: number): boolean {
    const last = this.last;
    if (last !== null && seq <= last) return false;
    if (last !== null && seq > last + 1) {
      // A new connection is replayed what is missing; this one was sent it and would not be again.
      void this.connect();
      return false;
    }
    this.last = seq;
    return true;
  }

  private resume(): void {
    this.socket?.send(JSON.stringify({ type: "resume", after: this.last ?? 0 }));
  }

  private online(): void {
    this.catchingUp = false;
    if (this.told !== "suspended") this.phase("online");
    this.holding ??= setTimeout(this.held, HELD_MS);
  }

  private readonly held = (): void => {
    this.failures = 0;
    this.phase("online");
  };

  private resync(): void {
    this.batch.flush();
    this.needs.onResync();
  }

  private closed(code: number): void {
    this.drop();
    if (!this.running) return;
    if (code === CLOSED.suspended) {
      this.phase("suspended");
      this.wait(LONGEST_WAIT_MS, this.again);
    } else if (code === CLOSED.sessionOver) {
      this.phase("offline");
      // A server that ends every session at once is not asked in a circle.
      const isFirst = this.failures === 0;
      const next = isFirst ? this.again : () => this.later();
      if (isFirst) this.failures = 1;
      this.needs.onSessionOver().then(next, () => this.later());
    } else {
      this.later();
    }
  }

  private readonly again = (): void => {
    if (this.running) void this.connect();
  };

  private readonly lost = (): void => this.closed(1006);

  private phase(phase: ConnectionPhase): void {
    // Until a connection has held, nothing has changed about it.
    if (this.told === phase || (this.told === "suspended" && (phase === "offline" || phase === "connecting")))
      return;
    this.told = phase;
    this.needs.onPhase(phase);
  }

  /** Full jitter: a server that restarts is not met by everybody at once. */
  private later(): void {
    if (!this.running) return;
    this.phase("offline");
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures);
    this.failures += 1;
    this.wait(Math.random() * longest, this.again);
  }

  /** The network is back, or somebody looks at the page: a waiting connection is opened now, an open one is tested. */
  private readonly hurry = (): void => {
    if (document.visibilityState === "hidden" || !this.running) return;
    if (this.socket !== null) this.probe();
    else if (this.timer !== undefined) this.again();
  };

  private watch(): void {
    this.wait(this.catchingUp ? OPENING_MS : SILENCE_MS, this.catchingUp ? this.lost : this.probe);
  }

  /** The server answers a resume at once, and has nothing to repeat. */
  private readonly probe = (): void => {
    if (this.socket?.readyState !== WebSocket.OPEN || this.catchingUp) return;
    this.resume();
    this.wait(ANSWER_MS, this.lost);
  };

  private wait(ms: number, run: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(run, ms);
  }

  private drop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.holding);
    this.timer = undefined;
    this.holding = undefined;
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}
