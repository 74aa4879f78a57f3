import { beforeEach, describe, expect, it } from "vitest";
import {
  forgetLapsed,
  forgetPeople,
  notePresence,
  noteTyping,
  typingIn,
  usePeople,
  viewersOf,
} from "./people";

const typing = (is_typing: boolean) => ({ user_id: "lan", conversation_id: "c1", is_typing });
const now = 1_000_000;
const people = () => usePeople.getState();

beforeEach(forgetPeople);

describe("colleagues", () => {
  it("type until they stop or are silent", () => {
    noteTyping(typing(true), now);
    expect(typingIn(people(), "c1")).toEqual(["lan"]);
    expect(typingIn(people(), "c2")).toEqual([]);
    noteTyping(typing(false), now);
    expect(typingIn(people(), "c1")).toEqual([]);
    noteTyping(typing(true), now);
    forgetLapsed(now + 5_999);
    expect(typingIn(people(), "c1")).toEqual(["lan"]);
    forgetLapsed(now + 6_000);
    expect(typingIn(people(), "c1")).toEqual([]);
  });

  it("look at one conversation at a time, and are new once", () => {
    expect(notePresence({ user_id: "lan", state: "online", conversation_id: "c1" }, now)).toBe(true);
    expect(notePresence({ user_id: "lan", state: "online", conversation_id: "c2" }, now)).toBe(false);
    expect(viewersOf(people(), "c1")).toEqual([]);
    expect(viewersOf(people(), "c2")).toEqual(["lan"]);
    notePresence({ user_id: "lan", state: "away", conversation_id: "c2" }, now);
    expect(viewersOf(people(), "c2")).toEqual([]);
    expect(notePresence({ user_id: "lan", state: "offline" }, now)).toBe(false);
    expect(people().seen).toEqual({});
  });

  it("are left alone when nothing has lapsed", () => {
    noteTyping(typing(true), now);
    notePresence({ user_id: "lan", state: "online" }, now);
    const before = people();
    forgetLapsed(now + 1);
    expect(people()).toBe(before);
  });
});
