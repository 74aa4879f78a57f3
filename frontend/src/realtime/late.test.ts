import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { applyEvents, registerLive, resyncAll } from "./apply";
import type { Arrived } from "./socket";

const KEY = ["names"];
let heard: Arrived[] = [];
let client = new QueryClient();

/** A cache of names that grows with the events. */
registerLive("names", {
  keys: [KEY],
  apply: (where, events) => {
    heard.push(...events);
    for (const { event } of events) {
      const name = "display_name" in event.data ? String(event.data.display_name) : "";
      where.setQueriesData<string[]>({ queryKey: KEY }, (old) =>
        old?.includes(name) ? old : old && [...old, name],
      );
    }
  },
  resync: (where) => void where.invalidateQueries({ queryKey: KEY }),
});

const tell = (name: string) =>
  applyEvents(client, [
    {
      event: {
        type: "contact.updated",
        data: {
          id: name,
          platform: "facebook",
          platform_user_id: "1",
          display_name: name,
          created_at: "2026-11-22T10:00:00Z",
        },
      },
      isReplay: false,
    },
  ]);

/** A request that is answered by hand. */
function asked(key: readonly unknown[] = KEY) {
  const answers: ((names: string[]) => void)[] = [];
  const queryFn = () => new Promise<string[]>((resolve) => answers.push(resolve));
  const fetch = () => client.fetchQuery({ queryKey: key, queryFn, staleTime: 0 }).catch(() => {});
  return { answers, queryFn, fetch, names: () => client.getQueryData<string[]>(key) };
}

beforeEach(() => {
  heard = [];
  client = new QueryClient();
});

describe("an event that comes while something is fetched", () => {
  it("is in the first answer, though that is from before", async () => {
    const { answers, fetch, names } = asked();
    const done = fetch();
    tell("Lan");
    expect(names()).toBeUndefined();
    answers[0]?.(["An"]);
    await done;
    expect(names()).toEqual(["An", "Lan"]);
    expect(heard.map(({ isReplay }) => isReplay)).toEqual([false, true]);
  });

  it("outlives an older answer to a later request, and comes once more only once", async () => {
    const { answers, fetch, names } = asked();
    client.setQueryData(KEY, ["An"]);
    const done = fetch();
    tell("Lan");
    expect(names()).toEqual(["An", "Lan"]);
    answers[0]?.(["An"]);
    await done;
    expect(names()).toEqual(["An", "Lan"]);
    const next = fetch();
    answers[1]?.(["Bình"]);
    await next;
    expect(names()).toEqual(["Bình"]);
    expect(heard).toHaveLength(2);
  });

  it("is kept for those requests alone that it could be missing from", async () => {
    const other = asked(["weather"]);
    const done = other.fetch();
    tell("Lan");
    other.answers[0]?.([]);
    await done;
    expect(heard).toHaveLength(1);
  });

  it("is not lost when the request fails or is given up", async () => {
    client.setQueryData(KEY, ["An"]);
    const { fetch, names } = asked();
    const done = fetch();
    tell("Lan");
    await client.cancelQueries({ queryKey: KEY });
    await done;
    expect(names()).toContain("Lan");
  });
});

it("asks once more when events were lost during a first request", async () => {
  const { answers, queryFn, names } = asked();
  const stop = new QueryObserver(client, { queryKey: KEY, queryFn }).subscribe(() => {});
  resyncAll(client);
  answers[0]?.(["old"]);
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.(["new"]);
  await vi.waitFor(() => expect(names()).toEqual(["new"]));
  stop();
});
