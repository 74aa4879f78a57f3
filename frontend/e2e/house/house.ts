// Starts the real system for the browser tests and the bench, and takes it away again whatever happens to them.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { psql } from "./psql.ts";

/** A page that a business may connect, with the token that speaks for it. */
export interface FreePage {
  platform: "facebook" | "instagram";
  page_id: string;
  access_token: string;
}

interface Login {
  role: string;
  member_role: string;
  email: string;
  password: string;
  /** What one-time codes are made with, where they are needed. */
  totp_secret?: string | null;
}

/** What the running system says of itself in run.json. */
export interface RunFile {
  api_url: string;
  spa_url: string;
  sandbox_url: string;
  database_url: string;
  logins: Login[];
  pages: { platform: FreePage["platform"]; page_id: string; customer_ids: string[] }[];
  connectable: FreePage[];
}

export interface House {
  /** Its folder, with run.json and the log. */
  home: string;
  run: RunFile;
  stop: () => Promise<void>;
}

const START_MS = 120_000;
const END_MS = 10_000;
/** Of every test database: roles belong to the whole server, and their passwords come from this. */
const SECRET = "a secret for tests, of more than 32 characters";

export async function startHouse(binary: string, more: Record<string, string> = {}): Promise<House> {
  const server = required("TEST_DATABASE_URL");
  if (!existsSync(binary)) throw new Error(`${binary} is not built: run make test`);
  const database = `browser_${randomBytes(6).toString("hex")}`;
  const url = new URL(server);
  url.pathname = `/${database}`;
  const env = { ...variables(url.href), ...more };
  await psql(server, `create database ${database}`);
  const home = mkdtempSync(join(tmpdir(), "chatdesk-browser-"));
  // Where tests mark the pages that are no longer free.
  mkdirSync(join(home, "taken"));
  const child = launch(resolve(binary), home, env);
  const stop = async () => {
    await ended(child);
    await psql(server, `drop database if exists ${database} with (force)`);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    return { home, run: await runFile(child, home), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function variables(databaseUrl: string): Record<string, string> {
  const anyPort = "127.0.0.1:0";
  return {
    PATH: "/usr/bin:/bin",
    DATABASE_URL: databaseUrl,
    SECRET_KEY: SECRET,
    EMBEDDING_MODEL: required("EMBEDDING_MODEL"),
    GATEWAY_ADDR: process.env.GATEWAY_ADDR ?? anyPort,
    GRPC_ADDR: anyPort,
    METRICS_ADDR: anyPort,
    SANDBOX_ADDR: anyPort,
    SANDBOX_PAGES: "200",
    QUIET_WINDOW_MS: "50",
    QUIET_CAP_MS: "400",
    AUTH_PER_MINUTE: "100000",
    RUST_LOG: "info,sqlx=warn",
  };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run make test`);
  return value;
}

/** A shell stands between, which ends the process once our end of its input is closed: also when we are killed. */
function launch(binary: string, home: string, env: Record<string, string>): ChildProcess {
  const log = openSync(join(home, "log"), "w");
  const script = '"$@" </dev/null >&2 & pid=$!; read -r _; kill $pid 2>/dev/null; wait $pid';
  const child = spawn("sh", ["-c", script, "sh", binary, "run", "--sandbox"], {
    cwd: home,
    env: { ...env, CHATDESK_HOME: home },
    stdio: ["pipe", "ignore", log],
    // Ctrl-C is for the tests, which then stop it in their own order.
    detached: true,
  });
  closeSync(log);
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((done) => child.once("exit", () => done()));
  child.stdin?.end();
  // Whatever does not end when it is asked to: the shell and, as they are a group of their own, what it started.
  const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, "SIGKILL"), END_MS);
  await gone;
  clearTimeout(timer);
}

async function runFile(child: ChildProcess, home: string): Promise<RunFile> {
  const path = join(home, "run.json");
  const until = Date.now() + START_MS;
  while (Date.now() < until && !hasEnded(home)) {
    if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8"));
    await wait(50);
  }
  const log = readFileSync(join(home, "log"), "utf8").split("\n").slice(-40).join("\n");
  throw new Error(`the system did not start (process ${child.pid}):\n${log}`);
}

/** The shell waits for us even when its process has ended, so the last word of the log tells. */
function hasEnded(home: string): boolean {
  return /^Error: /m.test(readFileSync(join(home, "log"), "utf8"));
}
