import { expect, it } from "vitest";
import type { Channel, GrantedPage } from "@/api/gen/model";
import { forgetLoginReturn, loginReturn, RETURN_PATH, takeLoginReturn } from "@/shared/loginReturn";
import { firstChoice } from "./Choice";
import { shownState, troubleOf, wantsReconnect } from "./health";
import { judge } from "./signIn";

function channel(id: string, more: Partial<Channel> = {}): Channel {
  return {
    id,
    platform: "facebook",
    platform_page_id: "1",
    page_name: id,
    is_active: true,
    health: { state: "ok" },
    sending: "ok",
    policy: { state: "none" },
    created_at: "2026-11-22T00:00:00Z",
    ...more,
  };
}

it("calls a disconnected channel neither well nor ill", () => {
  expect(shownState(channel("a", { is_active: false, health: { state: "needs_reconnect" } }))).toBe(
    "inactive",
  );
  expect(shownState(channel("a", { health: { state: "restricted" } }))).toBe("restricted");
  expect(wantsReconnect("silent")).toBe(true);
  expect(wantsReconnect("restricted")).toBe(false);
});

it("says first that Meta blocks a page, whatever else is known of it", () => {
  const blocked = {
    sending: "blocked" as const,
    policy: { state: "blocked" as const, since: "2026-11-22T00:00:00Z" },
    health: { state: "restricted" as const, reason: "blocked" },
  };
  expect(shownState(channel("a", blocked))).toBe("blocked");
  expect(troubleOf(channel("a", blocked))).toBeNull();
  expect(wantsReconnect("blocked")).toBe(false);
  expect(shownState(channel("a", { ...blocked, is_active: false, sending: "off" }))).toBe("inactive");
  expect(shownState(channel("a", { policy: { state: "warning", since: null } }))).toBe("ok");
});

it("knows what is wrong by the server's code, and says nothing more where it does not", () => {
  const ill = (reason: string) => troubleOf(channel("a", { health: { state: "needs_reconnect", reason } }));
  expect(ill("password_changed")).toBe("password_changed");
  expect(ill("a_code_of_tomorrow")).toBeNull();
  expect(
    troubleOf(channel("a", { is_active: false, health: { state: "ok", reason: "expired" } })),
  ).toBeNull();
});

const begun = { state: "s1", platform: "facebook", person: "p1", pageId: null } as const;
const back = { code: "c1", state: "s1", error: null };

it("takes a code only for a login that this person began in this window", () => {
  expect(judge(back, begun, "p1")).toEqual({ kind: "code", code: "c1", begun });
  expect(judge({ ...back, state: "s2" }, begun, "p1").kind).toBe("foreign");
  expect(judge({ ...back, state: null }, begun, "p1").kind).toBe("foreign");
  expect(judge(back, begun, "p2").kind).toBe("foreign");
  expect(judge(back, null, "p1").kind).toBe("foreign");
  expect(judge({ ...back, code: null, error: "access_denied" }, begun, "p1").kind).toBe("denied");
  expect(judge({ code: null, state: "s2", error: "access_denied" }, begun, "p1").kind).toBe("foreign");
  expect(judge({ ...back, code: null, error: "server_error" }, begun, "p1").kind).toBe("failed");
  expect(judge(null, begun, "p1").kind).toBe("nothing");
});

it("takes the code out of the address, and keeps it for the page that needs it", () => {
  window.history.replaceState(null, "", `${RETURN_PATH}?code=c1&state=s1#_=_`);
  takeLoginReturn();
  expect(window.location.href).toMatch(/\/channels\/callback$/);
  expect(loginReturn()).toEqual(back);
  forgetLoginReturn();
  expect(loginReturn()).toBeNull();
  window.history.replaceState(null, "", "/inbox?code=c1");
  takeLoginReturn();
  expect(loginReturn()).toBeNull();
  expect(window.location.search).toBe("?code=c1");
});

it("suggests the page that is meant, else the only free one", () => {
  const page = (page_id: string, state: GrantedPage["state"]): GrantedPage => ({
    platform: "facebook",
    page_id,
    name: page_id,
    state,
  });
  const pages = [page("1", "available"), page("2", "connected"), page("3", "taken"), page("4", "no_right")];
  expect(firstChoice(pages, "2")).toEqual(["facebook:2"]);
  expect(firstChoice(pages, "3")).toEqual(["facebook:1"]);
  expect(firstChoice([...pages, page("5", "available")], null)).toEqual([]);
});
