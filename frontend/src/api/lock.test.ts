import { describe, expect, it, vi } from "vitest";
import { leased } from "./lock";

describe("a lease between tabs", () => {
  it("lets one work at a time", async () => {
    let inside = 0;
    let most = 0;
    const work = () =>
      leased("test", async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setTimeout(resolve));
        inside -= 1;
      });
    await Promise.all([work(), work(), work()]);
    expect(most).toBe(1);
    expect(localStorage.getItem("cd.lock.test")).toBeNull();
  });

  it("keeps nobody from working where nothing can be stored", async () => {
    const broken = () => {
      throw new DOMException("denied", "SecurityError");
    };
    vi.stubGlobal("localStorage", { getItem: broken, setItem: broken, removeItem: broken });
    expect(await leased("test", async () => "done")).toBe("done");
    vi.unstubAllGlobals();
  });

  it("is given back when the work fails, and lapses when its tab died", async () => {
    await expect(leased("test", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    localStorage.setItem("cd.lock.test", `dead ${Date.now() - 1}`);
    expect(await leased("test", async () => "done")).toBe("done");
  });
});
