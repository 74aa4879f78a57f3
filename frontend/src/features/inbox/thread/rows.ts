import type { Message, Note } from "@/api/gen/model";
import type { Outgoing } from "../compose/outbox";

/** Where a message stands in a group of the same writer. */
export interface Place {
  isFirst: boolean;
  isLast: boolean;
}

/** One line of the thread. Its key stays the same while it is the same thing, also when a sent message becomes the server's. */
export type Row =
  | { kind: "start"; key: "start" }
  | { kind: "older"; key: "older" }
  | { kind: "newer"; key: "newer" }
  | { kind: "day"; key: string; at: string }
  | { kind: "unread"; key: "unread" }
  | ({ kind: "message"; key: string; message: Message } & Place)
  | { kind: "note"; key: string; note: Note }
  | ({ kind: "outgoing"; key: string; outgoing: Outgoing } & Place);

export interface Told {
  /** The oldest first. */
  messages: readonly Message[];
  /** The oldest first. */
  notes: readonly Note[];
  outgoing: readonly Outgoing[];
  /** Whether the first message is the conversation's first. */
  isWhole: boolean;
  /** Whether the last message is the conversation's newest. */
  hasNewest: boolean;
  /** The first message that was unread when the thread was opened. */
  firstUnread: string | null;
  me: string;
  dayOf: (at: number) => string;
}

/** Messages of one writer within so long stand together. */
const GROUP_MS = 5 * 60_000;
/** Time zones differ from each other by quarters of an hour, so within one it is the same day. */
const QUARTER_MS = 15 * 60_000;

export function buildRows(told: Told): Row[] {
  const rows: Row[] = [told.isWhole ? { kind: "start", key: "start" } : { kind: "older", key: "older" }];
  const dayAt = remembered(told.dayOf);
  let day = "";
  for (const entry of merged(told)) {
    const at = Date.parse(timeOf(entry));
    const today = dayAt(at);
    if (today !== day) {
      rows.push({ kind: "day", key: `day:${today}`, at: timeOf(entry) });
      day = today;
    }
    if (isNote(entry)) {
      rows.push({ kind: "note", key: `n:${entry.id}`, note: entry });
      continue;
    }
    if (entry.id === told.firstUnread) rows.push({ kind: "unread", key: "unread" });
    push(rows, { kind: "message", key: rowKey(entry), message: entry, isFirst: true, isLast: true }, told.me);
  }
  if (!told.hasNewest) {
    // What is on its way belongs after messages that are not here.
    rows.push({ kind: "newer", key: "newer" });
    return rows;
  }
  for (const outgoing of told.outgoing) {
    push(rows, { kind: "outgoing", key: `m:${outgoing.id}`, outgoing, isFirst: true, isLast: true }, told.me);
  }
  return rows;
}

export function rowKey({ id, client_id }: Message): string {
  return `m:${client_id ?? id}`;
}

type Grouped = Extract<Row, { kind: "message" | "outgoing" }>;

/** Adds a message, joined to the one before when that is by the same writer and of about the same time. */
function push(rows: Row[], row: Grouped, me: string): void {
  const last = rows.at(-1);
  const isJoined =
    last !== undefined &&
    isGrouped(last) &&
    writer(last, me) === writer(row, me) &&
    startOf(row) - startOf(last) < GROUP_MS;
  if (isJoined) rows[rows.length - 1] = { ...last, isLast: false };
  rows.push(isJoined ? { ...row, isFirst: false } : row);
}

function isGrouped(row: Row): row is Grouped {
  return row.kind === "message" || row.kind === "outgoing";
}

function writer(row: Grouped, me: string): string {
  if (row.kind === "outgoing") return `business ${me}`;
  const { sender_type, author_id } = row.message;
  return `${sender_type} ${author_id ?? ""}`;
}

function startOf(row: Grouped): number {
  return row.kind === "outgoing" ? row.outgoing.at : Date.parse(row.message.created_at);
}

/** Messages and notes by time. Notes older or newer than what is loaded wait until it is. */
function merged({ messages, notes, isWhole, hasNewest }: Told): (Message | Note)[] {
  const oldest = messages[0];
  const from = isWhole || oldest === undefined ? 0 : Date.parse(oldest.created_at);
  const newest = messages.at(-1);
  const to = hasNewest || newest === undefined ? Number.POSITIVE_INFINITY : Date.parse(newest.created_at);
  const waiting = notes.filter(({ created_at }) => {
    const at = Date.parse(created_at);
    return at >= from && at <= to;
  });
  const all: (Message | Note)[] = [];
  let at = 0;
  for (const message of messages) {
    for (let note = waiting[at]; note !== undefined && isBefore(note, message); note = waiting[at]) {
      all.push(note);
      at += 1;
    }
    all.push(message);
  }
  return [...all, ...waiting.slice(at)];
}

function isBefore(note: Note, message: Message): boolean {
  return Date.parse(note.created_at) < Date.parse(message.created_at);
}

function isNote(entry: Message | Note): entry is Note {
  return !("sender_type" in entry);
}

function timeOf(entry: Message | Note): string {
  return entry.created_at;
}

/** Asks for the day of each quarter of an hour once: formatting dates is slow, and threads are long. */
function remembered(dayOf: (at: number) => string): (at: number) => string {
  const known = new Map<number, string>();
  return (at) => {
    const quarter = Math.floor(at / QUARTER_MS);
    const day = known.get(quarter) ?? dayOf(quarter * QUARTER_MS);
    known.set(quarter, day);
    return day;
  };
}

/** The oldest of the last so many messages of the contact; null when that many are not loaded. */
export function firstUnreadOf(messages: readonly Message[], unread: number): string | null {
  if (unread <= 0) return null;
  let left = unread;
  for (const message of messages.toReversed()) {
    if (message.sender_type !== "contact") continue;
    left -= 1;
    if (left === 0) return message.id;
  }
  return null;
}

/** How many messages of others came after a row. */
export function countAfter(rows: readonly Row[], key: string | null): number {
  if (key === null) return 0;
  const at = rows.findIndex((row) => row.key === key);
  return at < 0 ? 0 : rows.slice(at + 1).filter((row) => row.kind === "message").length;
}

/** What others than the shop's people wrote after a message; `last` null: there was none. */
export function newsSince(messages: readonly Message[], last: string | null): Message[] {
  const at = messages.findLastIndex(({ id }) => id === last);
  // The last one may be among pages that were let go.
  const news = at < 0 && last !== null ? messages.slice(-1) : messages.slice(at + 1);
  return news.filter(({ sender_type }) => sender_type !== "business");
}
