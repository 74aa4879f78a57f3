import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { aProblem, aSession, aUser } from "../../test/builders";
import { server } from "../../test/server";
import { logout } from "./auth";
import { ApiError } from "./error";
import { request } from "./http";
import { followTabs, restoreSession } from "./renew";
import { begin, currentAccess, end, useSession } from "./session";

const get = <T>(url: string) => request<T>({ url, method: "GET" });

/** A server that takes one access token, and gives the next for each refresh. */
function serverWith(accepted: { token: string }) {
  const seen = { refreshes: 0, csrf: "" };
  server.use(
    http.get("*/api/thing", ({ request: asked }) =>
      asked.headers.get("authorization") === `Bearer ${accepted.token}`
        ? HttpResponse.json({ ok: true })
        : HttpResponse.json(aProblem(401, "unauthenticated"), { status: 401 }),
    ),
    http.post("*/api/auth/refresh", ({ request: asked }) => {
      seen.refreshes += 1;
      seen.csrf = asked.headers.get("x-cd-csrf") ?? "";
      accepted.token = `token-${seen.refreshes}`;
      return HttpResponse.json(aSession(accepted.token));
    }),
  );
  return seen;
}

beforeEach(() => {
  end(null);
  useSession.setState({ phase: "unknown", user: null, reason: null, startError: null });
});

describe("access tokens", () => {
  it("are renewed once for all requests that fail together", async () => {
    begin(aSession("stale"), Date.now());
    const seen = serverWith({ token: "none" });
    const answers = await Promise.all([get("/api/thing"), get("/api/thing"), get("/api/thing")]);
    expect(answers).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
    expect(seen).toEqual({ refreshes: 1, csrf: "1" });
  });

  it("are renewed before they end", async () => {
    begin(aSession("old"), Date.now() - 590_000);
    const seen = serverWith({ token: "old" });
    await get("/api/thing");
    expect(seen.refreshes).toBe(1);
  });

  it("are not renewed when another tab has done so meanwhile", async () => {
    begin(aSession("stale"), Date.now());
    const accepted = { token: "from-tab" };
    const seen = serverWith(accepted);
    const stop = followTabs();
    const tab = new BroadcastChannel("cd.session");
    // The other tab holds the turn to renew until it has told its result.
    localStorage.setItem("cd.lock.refresh", `other ${Date.now() + 10_000}`);
    const answer = get("/api/thing");
    tab.postMessage({ kind: "began", session: aSession("from-tab") });
    await expect.poll(() => currentAccess()?.token).toBe("from-tab");
    localStorage.removeItem("cd.lock.refresh");
    expect(await answer).toEqual({ ok: true });
    expect(seen.refreshes).toBe(0);
    stop();
    tab.close();
  });

  it("end with the session, here and in the other tabs", async () => {
    begin(aSession("stale"), Date.now());
    serverWith({ token: "none" });
    const unauthenticated = aProblem(401, "unauthenticated");
    server.use(http.post("*/api/auth/refresh", () => HttpResponse.json(unauthenticated, { status: 401 })));
    const tab = new BroadcastChannel("cd.session");
    const told = new Promise((resolve) => {
      tab.onmessage = ({ data }) => resolve(data);
    });
    await expect(get("/api/thing")).rejects.toMatchObject({ status: 401 });
    expect(useSession.getState()).toMatchObject({ phase: "out", reason: "ended", user: null });
    expect(await told).toEqual({ kind: "ended", reason: "ended" });
    tab.close();
  });

  it("stay when the server cannot say", async () => {
    begin(aSession("stale"), Date.now());
    serverWith({ token: "none" });
    server.use(http.post("*/api/auth/refresh", () => HttpResponse.error()));
    await expect(get("/api/thing")).rejects.toMatchObject({ status: 0, code: "network" });
    expect(useSession.getState().phase).toBe("in");
  });
});

describe("a renewal", () => {
  it("is asked for again at once when its answer was lost", async () => {
    begin(aSession("stale"), Date.now());
    const seen = serverWith({ token: "none" });
    server.use(http.post("*/api/auth/refresh", () => HttpResponse.error(), { once: true }));
    expect(await get("/api/thing")).toEqual({ ok: true });
    expect(seen.refreshes).toBe(1);
  });

  it("that comes late logs nobody in again who left meanwhile", async () => {
    begin(aSession("stale"), Date.now());
    serverWith({ token: "none" });
    let answer: () => void = () => {};
    const isAsked = vi.fn();
    server.use(
      http.post("*/api/auth/refresh", async () => {
        isAsked();
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return HttpResponse.json(aSession("late"));
      }),
    );
    const asked = get("/api/thing");
    await vi.waitFor(() => expect(isAsked).toHaveBeenCalled());
    end("left");
    answer();
    await expect(asked).rejects.toMatchObject({ status: 401 });
    expect(useSession.getState()).toMatchObject({ phase: "out", reason: "left" });
    expect(currentAccess()).toBeNull();
  });

  it("is over before somebody logs out", async () => {
    begin(aSession("stale"), Date.now());
    const order: string[] = [];
    serverWith({ token: "none" });
    server.use(
      http.post("*/api/auth/refresh", async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        order.push("renewed");
        return HttpResponse.json(aSession("new"));
      }),
      http.post("*/api/auth/logout", () => {
        order.push("left");
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const asked = get("/api/thing").catch(() => null);
    await vi.waitFor(() => expect(localStorage.getItem("cd.lock.refresh")).not.toBeNull());
    await logout();
    await asked;
    expect(order).toEqual(["renewed", "left"]);
    expect(useSession.getState().phase).toBe("out");
  });
});

describe("another person in the same tab", () => {
  it("starts on a new page, also after a logout", () => {
    const reload = vi.fn();
    begin(aSession("t"), Date.now());
    end("left");
    vi.stubGlobal("location", { reload });
    begin(aSession("t"), Date.now());
    expect(reload).not.toHaveBeenCalled();
    end("left");
    begin(aSession("t", { user: aUser({ id: "somebody else" }) }), Date.now());
    expect(reload).toHaveBeenCalledTimes(1);
    begin(aSession("t"), Date.now());
  });
});

describe("at the start", () => {
  it("nothing is asked where nobody was logged in", async () => {
    await restoreSession();
    expect(useSession.getState()).toMatchObject({ phase: "out", reason: null });
  });

  it("the session of the cookie is taken up", async () => {
    localStorage.setItem("cd.session", "1");
    serverWith({ token: "none" });
    await restoreSession();
    expect(useSession.getState()).toMatchObject({ phase: "in", user: aUser() });
  });

  it("a server that is down is not a session that has ended", async () => {
    localStorage.setItem("cd.session", "1");
    server.use(http.post("*/api/auth/refresh", () => new HttpResponse("<html>", { status: 502 })));
    await restoreSession();
    expect(useSession.getState()).toMatchObject({ phase: "unknown", startError: { code: "unavailable" } });
  });
});

describe("failures", () => {
  it("are what the server said", async () => {
    const errors = [{ field: "name", code: "too_long", detail: "…" }];
    const problem = aProblem(429, "too_many_requests", { errors, detail: "wait" });
    server.use(
      http.get("*/api/thing", () =>
        HttpResponse.json(problem, { status: 429, headers: { "Retry-After": "7" } }),
      ),
    );
    const failure = await get("/api/thing").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({
      status: 429,
      code: "too_many_requests",
      requestId: "req-1",
      errors,
      retryAfter: 7,
    });
  });

  it("say that they were cancelled", async () => {
    server.use(http.get("*/api/thing", () => new Promise<never>(() => {})));
    const stop = new AbortController();
    const asked = request({ url: "/api/thing", method: "GET" }, { signal: stop.signal });
    stop.abort();
    await expect(asked).rejects.toMatchObject({ status: 0, code: "canceled" });
  });
});
