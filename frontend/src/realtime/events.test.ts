import { describe, expect, it } from "vitest";
import { readFrame } from "./events";

const read = (type: string, data: unknown, seq: number | null = 1) =>
  readFrame(JSON.stringify({ seq, type, data }));
const message = {
  id: "m",
  conversation_id: "c",
  sender_type: "contact",
  content: "<b>chào</b>",
  status: "received",
  attachments: [],
  reactions: [],
  created_at: "2026-11-22T08:30:00.000Z",
};

describe("frames", () => {
  it("of known kinds are read, with fields that are new to us", () => {
    const frame = read("message.created", { ...message, mood: "good" });
    expect(frame).toMatchObject({ kind: "event", seq: 1, event: { type: "message.created", data: message } });
    expect(read("product.updated", { id: "p", deleted: true }, null)).toMatchObject({
      kind: "event",
      seq: null,
    });
    const file = {
      id: "i",
      state: "running",
      dry_run: false,
      columns: [{ header: "Tên", field: "name" }],
      rows_done: 3,
      created_at: message.created_at,
    };
    expect(read("products.changed", { import: file }, null)).toMatchObject({
      event: { type: "products.changed", data: { import: file } },
    });
    expect(read("products.changed", { import: { ...file, state: 7 } }, null).kind).toBe("unreadable");
    expect(read("hello", {}, 7)).toEqual({ kind: "control", control: { type: "hello", seq: 7 } });
    expect(read("resync", { seq: 9 }, null)).toEqual({
      kind: "control",
      control: { type: "resync", seq: 9 },
    });
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["null", "null"],
    ["unknown type", '{"seq":1,"type":"x","data":{}}'],
    [
      "a message without text",
      JSON.stringify({ seq: 1, type: "message.created", data: { ...message, content: 7 } }),
    ],
    [
      "attachments that are none",
      JSON.stringify({ seq: 1, type: "message.created", data: { ...message, attachments: [7] } }),
    ],
    ["hello without seq", '{"seq":null,"type":"hello"}'],
    ["a state nobody has", '{"seq":null,"type":"presence","data":{"user_id":"u","state":"dancing"}}'],
  ])("%s cannot be read", (_, json) => expect(readFrame(json).kind).toBe("unreadable"));
});
