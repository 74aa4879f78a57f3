import { describe, expect, it } from "vitest";
import type { Message } from "@/api/gen/model";
import type { Outgoing } from "../compose/outbox";
import { aMessage, aNote } from "../test/samples";
import { buildRows, countAfter, firstUnreadOf, newsSince, type Row, type Told } from "./rows";

const at = (minute: number, day = 22) => new Date(Date.UTC(2026, 10, day, 10, minute)).toISOString();
const told = (change: Partial<Told>): Told => ({
  messages: [],
  notes: [],
  outgoing: [],
  isWhole: true,
  hasNewest: true,
  firstUnread: null,
  me: "me",
  dayOf: (time) => new Date(time).toISOString().slice(0, 10),
  ...change,
});
const anOutgoing = (id: string, minute: number): Outgoing => ({
  id,
  userId: "me",
  conversationId: "c1",
  text: "Dạ",
  file: null,
  at: Date.parse(at(minute)),
  order: 0,
  refusal: null,
});
const keys = (rows: Row[]) => rows.map(({ key }) => key);
const message = (id: string, minute: number, change: Partial<Message> = {}) =>
  aMessage({ id, created_at: at(minute), ...change });

describe("the rows of a thread", () => {
  it("have a separator per day, and notes where they were written", () => {
    const rows = buildRows(
      told({
        messages: [message("a", 1), message("b", 9), aMessage({ id: "c", created_at: at(0, 23) })],
        notes: [aNote({ id: "n", created_at: at(5) }), aNote({ id: "o", created_at: at(3, 23) })],
      }),
    );
    expect(keys(rows)).toEqual([
      "start",
      "day:2026-11-22",
      "m:a",
      "n:n",
      "m:b",
      "day:2026-11-23",
      "m:c",
      "n:o",
    ]);
  });

  it("hold back notes that are older than what is loaded", () => {
    const rows = buildRows(
      told({ isWhole: false, messages: [message("a", 5)], notes: [aNote({ created_at: at(1) })] }),
    );
    expect(keys(rows)).toEqual(["older", "day:2026-11-22", "m:a"]);
  });

  it("hold back what comes after messages that are not loaded", () => {
    const rows = buildRows(
      told({
        hasNewest: false,
        messages: [message("a", 5)],
        notes: [aNote({ created_at: at(9) })],
        outgoing: [anOutgoing("x", 10)],
      }),
    );
    expect(keys(rows)).toEqual(["start", "day:2026-11-22", "m:a", "newer"]);
  });

  it("group one writer's messages within minutes", () => {
    const rows = buildRows(
      told({
        messages: [
          message("a", 1),
          message("b", 3),
          message("c", 20),
          message("d", 21, { sender_type: "business", author_id: "me" }),
        ],
        outgoing: [anOutgoing("x", 22)],
      }),
    );
    const places = rows.flatMap((row) =>
      "isFirst" in row ? [`${row.key} ${row.isFirst} ${row.isLast}`] : [],
    );
    expect(places).toEqual([
      "m:a true false",
      "m:b false true",
      "m:c true true",
      "m:d true false",
      "m:x false true",
    ]);
  });

  it("keep a sent message's key when the server has it", () => {
    const before = buildRows(told({ outgoing: [anOutgoing("x", 1)] }));
    const after = buildRows(
      told({ messages: [message("server", 1, { client_id: "x", sender_type: "business" })] }),
    );
    expect(keys(before).at(-1)).toBe("m:x");
    expect(keys(after).at(-1)).toBe("m:x");
  });

  it("mark the first unread and count what came after a row", () => {
    const messages = [
      message("a", 1),
      message("b", 2, { sender_type: "ai" }),
      message("c", 3),
      message("d", 4),
    ];
    expect(firstUnreadOf(messages, 2)).toBe("c");
    expect(firstUnreadOf(messages, 5)).toBeNull();
    const rows = buildRows(told({ messages, firstUnread: "c" }));
    expect(keys(rows).indexOf("unread")).toBe(keys(rows).indexOf("m:c") - 1);
    expect(countAfter(rows, "m:b")).toBe(2);
    expect(countAfter(rows, "m:d")).toBe(0);
  });
});

describe("what a screen reader is told", () => {
  const [a, b, own, c] = [
    message("a", 1),
    message("b", 2),
    message("own", 3, { sender_type: "business" }),
    message("c", 4),
  ];
  it("is all that others wrote since, also the very first message", () => {
    expect(newsSince([a, b, own, c], "a")).toEqual([b, c]);
    expect(newsSince([a], null)).toEqual([a]);
    expect(newsSince([own], null)).toEqual([]);
    expect(newsSince([b, own, c], "let go")).toEqual([c]);
  });
});
