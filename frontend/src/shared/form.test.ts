import { act, renderHook } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";
import { begin, end } from "@/api/session";
import { aSession } from "../../test/builders";
import { changesOf, likeIn, useDraft } from "./form";
import { forgetUnfinished } from "./unfinished";

const saved = { name: "a", tags: ["vi"], on: true };
const member = { email: "", password: "" };

beforeEach(() => void begin(aSession("t"), Date.now()));

it("tells only what differs", () => {
  expect(changesOf(saved, {})).toEqual({});
  expect(changesOf(saved, { name: "a", tags: ["vi"] })).toEqual({});
  expect(changesOf(saved, { name: "b", tags: ["vi", "en"], on: true })).toEqual({
    name: "b",
    tags: ["vi", "en"],
  });
});

it("takes from what was kept only what fits", () => {
  expect(likeIn(saved, { name: 1, tags: ["vi", "en"], on: "yes", more: 1 })).toEqual({ tags: ["vi", "en"] });
  expect(likeIn(saved, { name: "b", tags: [1], on: false })).toEqual({ name: "b", on: false });
  expect(likeIn(saved, null)).toEqual({});
});

it("keeps what was typed while it was being saved", () => {
  const { result, rerender } = renderHook(({ now }) => useDraft(now), { initialProps: { now: saved } });
  act(() => result.current.set("name", "ab"));
  const sent = result.current.changes;
  act(() => result.current.set("name", "abc"));
  rerender({ now: { ...saved, name: "ab" } });
  act(() => result.current.forget(sent));
  expect(result.current.value.name).toBe("abc");
  act(() => result.current.forget(result.current.changes));
  expect(result.current.dirty).toBe(false);
});

it("brings back what was typed when the session ended by itself, but no password", () => {
  const first = renderHook(() => useDraft(member, "member", ["password"]));
  act(() => first.result.current.set("email", "lan@shop.test"));
  act(() => first.result.current.set("password", "bi mat lam 123"));
  act(() => end("ended"));
  first.unmount();
  expect(JSON.stringify(sessionStorage)).not.toContain("bi mat");
  begin(aSession("t"), Date.now());
  const second = renderHook(() => useDraft(member, "member", ["password"]));
  expect(second.result.current.value).toEqual({ email: "lan@shop.test", password: "" });
  second.unmount();
  expect(renderHook(() => useDraft(member, "member")).result.current.dirty).toBe(false);
});

it("keeps nothing of who leaves", () => {
  const first = renderHook(() => useDraft(member, "member", ["password"]));
  act(() => first.result.current.set("email", "lan@shop.test"));
  act(() => end("left"));
  expect(sessionStorage).toHaveLength(0);
  sessionStorage.setItem("cd.unfinished.x.member", "{}");
  forgetUnfinished();
  expect(sessionStorage).toHaveLength(0);
});
