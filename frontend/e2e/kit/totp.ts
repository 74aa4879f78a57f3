import { createHmac } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./api.ts";

const STEP_MS = 30_000;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Somebody's authenticator app. No code works twice, so it remembers, also for the tests of another worker, which was the last. */
export class Authenticator {
  readonly #key: Buffer;
  readonly #memory: string;

  /** The secret as people type it, with or without blanks. */
  constructor(home: string, secret: string) {
    const letters = secret.replaceAll(" ", "");
    const bits = Array.from(letters, (one) => LETTERS.indexOf(one).toString(2).padStart(5, "0")).join("");
    this.#key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
    this.#memory = join(home, "taken", `code-${letters}`);
  }

  /** A code that works now: the server takes those of the half minute before and after, too. */
  async code(): Promise<string> {
    const last = existsSync(this.#memory) ? Number(readFileSync(this.#memory, "utf8")) : 0;
    const step = await eventually(
      "there is another code",
      async () => {
        const now = Math.floor(Date.now() / STEP_MS);
        const next = Math.max(now, last + 1);
        return next <= now + 1 ? next : null;
      },
      2 * STEP_MS,
    );
    writeFileSync(this.#memory, String(step));
    return this.#codeOf(step);
  }

  /** RFC 6238. */
  #codeOf(step: number): string {
    const counter = Buffer.alloc(8);
    counter.writeBigInt64BE(BigInt(step));
    const tag = createHmac("sha1", this.#key).update(counter).digest();
    const at = tag.readUInt8(tag.length - 1) & 15;
    return String((tag.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
  }
}
