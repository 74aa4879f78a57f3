import { QueryClient } from "@tanstack/react-query";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/api/error";
import { getConversation, markRead, updateConversation } from "@/api/gen/conversations/conversations";
import type { Conversation, Note } from "@/api/gen/model";
import { deleteNote } from "@/api/gen/notes/notes";
import { toast } from "@/shared/ui";
import { aConversation, aNote } from "../test/samples";
import { Actions } from "./actions";
import { keys } from "./keys";
import { takeConversation } from "./live";

vi.mock("@/api/gen/conversations/conversations");
vi.mock("@/api/gen/notes/notes");
vi.mock("@/shared/ui", () => ({ toast: vi.fn() }));

const before = aConversation({ unread_count: 2 });
let client = new QueryClient();
let actions = new Actions(client);
const shown = () => client.getQueryData<Conversation>(keys.one("c1"));
const refused = new ApiError({ status: 409, code: "refused" });

/** A request that is answered by hand. */
function held<T>() {
  let answer: (value: T) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  return { promise, answer: (value: T) => answer(value), fail: (error: unknown) => fail(error) };
}

beforeEach(() => {
  vi.clearAllMocks();
  client = new QueryClient();
  actions = new Actions(client);
  client.setQueryData(keys.one("c1"), before);
  client.setQueryData(keys.notes("c1"), []);
});

const close = () => actions.change(before, { status: "closed" }, { status: "closed" });

describe("what one does to a conversation", () => {
  it("is shown at once and goes back when the server refuses, which says what is true", async () => {
    const asked = held<Conversation>();
    vi.mocked(updateConversation).mockReturnValueOnce(asked.promise);
    vi.mocked(getConversation).mockResolvedValueOnce({ ...before, status: "needs_human" });
    const done = close();
    expect(shown()?.status).toBe("closed");
    asked.fail(refused);
    expect(await done).toBe(false);
    expect(toast).toHaveBeenCalledTimes(1);
    await vi.waitFor(() => expect(shown()?.status).toBe("needs_human"));
  });

  it("goes back also without a network", async () => {
    vi.mocked(updateConversation).mockRejectedValueOnce(refused);
    vi.mocked(getConversation).mockRejectedValueOnce(refused);
    await close();
    expect(shown()).toEqual(before);
  });

  it.each([true, false])("never undoes news that came meanwhile (answered: %s)", async (isAnswered) => {
    const asked = held<Conversation>();
    vi.mocked(updateConversation).mockReturnValueOnce(asked.promise);
    vi.mocked(getConversation).mockReturnValueOnce(new Promise(() => {}));
    const done = close();
    const news = aConversation({ status: "closed", unread_count: 3, assignee_id: "lan" });
    takeConversation(client, news);
    if (isAnswered) asked.answer({ ...before, status: "closed" });
    else asked.fail(refused);
    expect(await done).toBe(isAnswered);
    expect(shown()).toEqual(news);
  });

  it("says nothing when what nobody asked for fails", async () => {
    vi.mocked(markRead).mockRejectedValueOnce(refused);
    vi.mocked(getConversation).mockRejectedValueOnce(refused);
    expect(await actions.markRead(before)).toBe(false);
    expect(toast).not.toHaveBeenCalled();
    expect(shown()?.unread_count).toBe(2);
  });
});

it("puts a note back that could not be removed, beside those that came meanwhile", async () => {
  const [note, other] = [aNote({ id: "n1" }), aNote({ id: "n2", created_at: "2026-11-22T11:00:00Z" })];
  client.setQueryData(keys.notes("c1"), [note]);
  const asked = held<void>();
  vi.mocked(deleteNote).mockReturnValueOnce(asked.promise);
  const done = actions.deleteNote(note);
  client.setQueryData<Note[]>(keys.notes("c1"), (old) => [...(old ?? []), other]);
  asked.fail(refused);
  await done;
  expect(client.getQueryData(keys.notes("c1"))).toEqual([note, other]);
});
