import { describe, expect, it } from "vitest";
import type { Conversation, Message } from "@/api/gen/model";
import { aConversation, aMessage } from "../test/samples";
import { type ConversationPages, putConversation } from "./conversations";
import { memberName } from "./members";
import { inReadingOrder, type MessagePages, putMessage } from "./messages";
import { allItems, nextParam, previousParam } from "./pages";
import { belongs, readWanted } from "./wanted";

const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString();
const conversation = (id: string, minute: number, change: Partial<Conversation> = {}) =>
  aConversation({ id, last_message_at: at(minute), ...change });

function list(
  pages: Conversation[][],
  more: string | null = null,
  trail: (string | null)[] = [],
): ConversationPages {
  return {
    pages: pages.map((items, index) => ({
      items,
      next_cursor: index === pages.length - 1 ? more : `p${index}`,
    })),
    pageParams: pages.map((_, index) => ({ cursor: null, trail: index === 0 ? trail : [...trail, null] })),
  };
}
const ids = (pages: ConversationPages) =>
  pages.pages.map(({ items }) => items.map(({ id }) => id).join("")).join("|");

describe("a list of conversations", () => {
  const start = list([
    [conversation("a", 9), conversation("b", 8)],
    [conversation("c", 7), conversation("d", 6)],
  ]);

  it("moves one with a new message to its place, once", () => {
    const moved = putConversation(start, conversation("d", 10), true);
    expect(ids(moved)).toBe("dab|c");
    expect(ids(putConversation(moved, conversation("d", 10), true))).toBe("dab|c");
  });

  it("changes one in place and keeps what the search found", () => {
    const found = list([[conversation("a", 9, { found: { text: "áo" } })]]);
    const next = putConversation(found, conversation("a", 9, { unread_count: 2 }), null);
    expect(next.pages[0]?.items[0]).toMatchObject({ unread_count: 2, found: { text: "áo" } });
  });

  it("takes in what belongs and lets go of what does not", () => {
    expect(ids(putConversation(start, conversation("x", 8), true))).toBe("axb|cd");
    expect(ids(putConversation(start, conversation("b", 8), false))).toBe("a|cd");
    expect(ids(putConversation(start, conversation("x", 8), null))).toBe("ab|cd");
  });

  it("leaves out what lies before or behind what is loaded", () => {
    expect(ids(putConversation(list([[conversation("a", 9)]], "more"), conversation("x", 1), true))).toBe(
      "a",
    );
    expect(ids(putConversation(list([[conversation("a", 9)]], null), conversation("x", 1), true))).toBe("ax");
    expect(
      ids(putConversation(list([[conversation("a", 9)]], null, [null]), conversation("x", 10), true)),
    ).toBe("a");
  });

  it("finds its way back to a page that was let go", () => {
    const second = nextParam({ items: [], next_cursor: "two" }, { cursor: null, trail: [] });
    const third = second && nextParam({ items: [], next_cursor: "three" }, second);
    expect(third).toEqual({ cursor: "three", trail: [null, "two"] });
    expect(third && previousParam(third)).toEqual(second);
    expect(second && previousParam(second)).toEqual({ cursor: null, trail: [] });
    expect(previousParam({ cursor: null, trail: [] })).toBeUndefined();
  });
});

describe("pages", () => {
  const [a, b] = [conversation("a", 9), conversation("b", 8)];

  it("show what stands in two of them once, in its newest place, and remove it from both", () => {
    const twice = list([[b, a], [b]]);
    expect(allItems(twice).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(ids(putConversation(twice, b, false))).toBe("a|");
  });
});

describe("colleagues", () => {
  it("are unknown until they are read, and gone only then", () => {
    expect(memberName(undefined, "lan")).toBeUndefined();
    expect(memberName([], "lan")).toBeNull();
  });
});

describe("a conversation's messages", () => {
  const message = (id: string, minute: number, change: Partial<Message> = {}) =>
    aMessage({ id, created_at: at(minute), ...change });
  const pages: MessagePages = {
    pages: [
      { items: [message("d", 8), message("c", 6)], next_cursor: "older" },
      { items: [message("b", 4), message("a", 2)], next_cursor: "oldest" },
    ],
    pageParams: [null, "older"],
  };
  const order = (told: MessagePages) =>
    inReadingOrder(told)
      .map(({ id }) => id)
      .join("");

  it("takes a new one in by time, after those of the same moment", () => {
    expect(order(putMessage(pages, message("x", 9)))).toBe("abcdx");
    expect(order(putMessage(pages, message("x", 8)))).toBe("abcdx");
    expect(order(putMessage(pages, message("x", 5)))).toBe("abxcd");
  });

  it("waits with one that is older than what is loaded", () => {
    expect(putMessage(pages, message("x", 1))).toBe(pages);
  });

  it("replaces by id, but an answer of ours never overwrites newer news", () => {
    const read = putMessage(pages, message("d", 8, { status: "read" }));
    expect(read.pages[0]?.items[0]?.status).toBe("read");
    expect(putMessage(read, message("d", 8, { status: "queued" }), true)).toBe(read);
    expect(order(putMessage(read, message("x", 9), true))).toBe("abcdx");
  });
});

describe("what a list shows", () => {
  const now = Date.parse("2026-11-23T08:00:00Z");
  const wanted = (search: string) => readWanted(new URLSearchParams(search));

  it("is read from the address; a search looks everywhere", () => {
    expect(wanted("")).toEqual({ filter: "open", q: "", label: null, channel: null });
    expect(wanted("filter=nonsense").filter).toBe("open");
    expect(wanted("q=áo").filter).toBe("all");
    expect(wanted("q=áo&filter=mine").filter).toBe("mine");
  });

  it.each([
    ["", { status: "closed" }, false],
    ["filter=closed", { status: "closed" }, true],
    ["filter=unread", { unread_count: 1 }, true],
    ["filter=mine", { assignee_id: "me" }, true],
    ["filter=mine", { assignee_id: "you" }, false],
    ["filter=ai", {}, true],
    ["filter=ai", { ai: { state: "paused", until: "2026-11-23T09:00:00Z" } }, false],
    ["filter=ai", { ai: { state: "paused", until: "2026-11-23T07:00:00Z" } }, true],
    ["filter=closing_soon", { unread_count: 1 }, true],
    ["filter=closing_soon", { unread_count: 0 }, false],
    ["label=l1", {}, false],
    ["channel=ch1", {}, true],
    ["q=x", {}, null],
    ["q=x&filter=unread", {}, false],
  ] satisfies [string, Partial<Conversation>, boolean | null][])(
    "with %s and %o is %s",
    (search, change, expected) => {
      expect(belongs(aConversation(change), wanted(search), "me", now)).toBe(expected);
    },
  );
});
