import { QueryObserver } from "@tanstack/react-query";
import { afterEach, expect, it, vi } from "vitest";
import { makeQueryClient } from "@/api/client";
import { ApiError } from "@/api/error";
import { setPhase } from "@/realtime/connection";
import { askAgainWhenBack } from "./query";

afterEach(() => setPhase("idle"));

it("asks again for what failed once the connection is back, and not for what is not there", async () => {
  const client = makeQueryClient();
  client.setDefaultOptions({ queries: { retry: false } });
  const stop = askAgainWhenBack(client);
  const away = vi
    .fn()
    .mockRejectedValueOnce(new ApiError({ status: 0, code: "network" }))
    .mockResolvedValue("da");
  const gone = vi.fn().mockRejectedValue(new ApiError({ status: 404, code: "not_found" }));
  const observers = [
    new QueryObserver(client, { queryKey: ["away"], queryFn: away }),
    new QueryObserver(client, { queryKey: ["gone"], queryFn: gone }),
  ];
  const ends = observers.map((one) => one.subscribe(() => {}));
  setPhase("offline");
  await vi.waitFor(() =>
    expect(observers.map((one) => one.getCurrentResult().status)).toEqual(["error", "error"]),
  );
  setPhase("online");
  await vi.waitFor(() => expect(observers[0]?.getCurrentResult().data).toBe("da"));
  expect(gone).toHaveBeenCalledTimes(1);
  for (const end of ends) end();
  stop();
});
