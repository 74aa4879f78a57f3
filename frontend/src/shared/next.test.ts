import { describe, expect, it } from "vitest";
import { loginAddress, nextAddress } from "./next";

describe("the address after login", () => {
  it("comes back to where one was", () => {
    const from = { pathname: "/inbox/7", search: "?q=áo", hash: "" };
    const { search } = new URL(loginAddress(from), "http://x");
    expect(nextAddress(search)).toBe("/inbox/7?q=áo");
  });

  it.each(["https://evil.test", "//evil.test", "/\\evil.test", "/\t/evil.test", "javascript:alert(1)", ""])(
    "%s leads to the inbox",
    (next) => expect(nextAddress(`?next=${encodeURIComponent(next)}`)).toBe("/inbox"),
  );
});
