import { beforeEach, describe, expect, it } from "vitest";
import { useSession } from "@/api/session";
import { fillReply } from "@/shared/fillReply";
import { aMessage } from "../test/samples";
import { answeredSince } from "./answered";
import { clearDraft, draftOf, hasDraft, useDrafts, writeDraft } from "./drafts";
import { discard, enqueue, enqueueCards, outgoingIn, toNewMessage, unmatched, useOutbox } from "./outbox";
import { findReplies, slashAt } from "./replies";
import { addTitle } from "./titles";
import { isSending } from "./useComposer";

const reply = (shortcut: string, text: string) => ({
  id: shortcut,
  shortcut,
  text,
  updated_at: "2026-11-22T10:00:00Z",
});

describe("saved replies", () => {
  it("are asked for by a slash that begins a word", () => {
    expect(slashAt("/cam", 4)).toEqual({ from: 0, query: "cam" });
    expect(slashAt("Dạ /", 4)).toEqual({ from: 3, query: "" });
    expect(slashAt("1/2", 3)).toBeNull();
    expect(slashAt("/cam xong", 9)).toBeNull();
    expect(slashAt("/cảm-ơn và", 7)).toEqual({ from: 0, query: "cảm-ơn" });
  });

  it("are found without accents, by shortcut first", () => {
    const replies = [reply("ship", "Cảm ơn mình đã đặt hàng"), reply("cảm-ơn", "Dạ"), reply("khác", "x")];
    expect(findReplies(replies, "cam").map(({ id }) => id)).toEqual(["cảm-ơn", "ship"]);
    expect(findReplies(replies, "")).toHaveLength(3);
    expect(findReplies(replies, "zz")).toHaveLength(0);
  });

  it("are filled in, and what is unknown leaves no double blank", () => {
    const text = "Dạ {shop} chào {name} ạ";
    expect(fillReply(text, { name: "Hà", shop: "Gió" })).toBe("Dạ Gió chào Hà ạ");
    expect(fillReply(text, { name: "", shop: "Gió" })).toBe("Dạ Gió chào ạ");
    expect(fillReply("{name} $& ơi", { name: "$1", shop: "" })).toBe("$1 $& ơi");
  });
});

describe("Enter", () => {
  const key = { shiftKey: false, altKey: false, ctrlKey: false, metaKey: false };
  it("sends as the writer likes, and never on a touch keyboard", () => {
    expect(isSending(key, true, false)).toBe(true);
    expect(isSending({ ...key, shiftKey: true }, true, false)).toBe(false);
    expect(isSending(key, false, false)).toBe(false);
    expect(isSending({ ...key, ctrlKey: true }, false, false)).toBe(true);
    expect(isSending(key, true, true)).toBe(false);
  });
});

describe("a colleague's answer", () => {
  const since = "2026-11-22T10:00:00Z";
  const later = "2026-11-22T10:05:00Z";
  it("is noticed when it came after one began to write", () => {
    const theirs = aMessage({ id: "x", sender_type: "business", author_id: "lan", created_at: later });
    expect(answeredSince([theirs], since, "me")?.id).toBe("x");
    expect(answeredSince([{ ...theirs, author_id: "me" }], since, "me")).toBeNull();
    expect(answeredSince([{ ...theirs, created_at: since }], since, "me")).toBeNull();
    expect(answeredSince([{ ...theirs, sender_type: "contact" }], since, "me")).toBeNull();
    expect(answeredSince([theirs], null, "me")).toBeNull();
  });
});

describe("drafts", () => {
  beforeEach(() => {
    useSession.setState({ user: null });
    useDrafts.setState({ drafts: {} });
  });

  it("are kept per conversation and mode, and an empty one is none", () => {
    writeDraft("c1", "reply", { text: "Dạ" }, "t0");
    writeDraft("c1", "note", { text: "ghi" }, "t0");
    writeDraft("c1", "reply", { text: "Dạ em" }, "t1");
    expect(draftOf("c1", "reply")).toMatchObject({ text: "Dạ em", since: "t0" });
    expect(hasDraft(useDrafts.getState().drafts, "c1")).toBe(true);
    expect(hasDraft(useDrafts.getState().drafts, "c2")).toBe(false);
    writeDraft("c1", "reply", { text: " " }, "t1");
    clearDraft("c1", "note");
    // A blank can be typed, but is nothing to come back for.
    expect(draftOf("c1", "reply")?.text).toBe(" ");
    expect(hasDraft(useDrafts.getState().drafts, "c1")).toBe(false);
    writeDraft("c1", "reply", { text: "" }, "t1");
    expect(draftOf("c1", "reply")).toBeNull();
  });
});

describe("the outbox", () => {
  beforeEach(() => useOutbox.setState({ entries: {} }));

  it("keeps files before the text, and lets go of what the server has", () => {
    enqueue("c1", " Dạ đây ạ ", [{ id: "f1", name: "a.png", kind: "image", size: 3 }]);
    const waiting = outgoingIn(useOutbox.getState().entries, "c1", "");
    expect(waiting.map(({ text, file }) => text ?? file?.id)).toEqual(["f1", "Dạ đây ạ"]);
    const [first, second] = waiting;
    expect(unmatched(waiting, [aMessage({ client_id: first?.id ?? "" })])).toEqual([second]);
    expect(JSON.parse(localStorage.getItem(`cd.outbox.${second?.id}`) ?? "null")).toEqual(second);
    discard(second?.id ?? "");
    expect(localStorage.getItem(`cd.outbox.${second?.id}`)).toBeNull();
  });

  it("asks for cards by their products, and puts answers to tap under the text", () => {
    const image = { id: "f1", name: "a.png", kind: "image" as const, size: 3 };
    enqueue("c1", "Size nào ạ?", [image], ["S", "M"]);
    enqueueCards("c2", [{ id: "p1", title: "Áo", subtitle: "1 ₫", image_url: null }]);
    const { entries } = useOutbox.getState();
    const asked = [...outgoingIn(entries, "c1", ""), ...outgoingIn(entries, "c2", "")].map(toNewMessage);
    expect(asked).toEqual([
      { attachment_id: "f1" },
      { text: "Size nào ạ?", quick_replies: ["S", "M"] },
      { product_ids: ["p1"] },
    ]);
  });
});

describe("answers to tap", () => {
  it("are short, each there once, and as many as the platforms take", () => {
    expect(addTitle(["S"], "  Size   M ")).toEqual(["S", "Size M"]);
    expect(addTitle(["S"], "S ")).toEqual(["S"]);
    expect(addTitle([], " ")).toEqual([]);
    expect(addTitle([], "😊".repeat(30))).toEqual(["😊".repeat(20)]);
    const all = Array.from({ length: 13 }, (_, at) => String(at));
    expect(addTitle(all, "x")).toEqual(all);
  });
});
