import { describe, expect, it } from "vitest";
import { money, number, parseAmount } from "./money";

describe("money", () => {
  it("is written as people write it", () => {
    expect(money("129000", "VND").replace(/\s/gu, " ")).toBe("129.000 ₫");
    expect(money("12.50", "USD")).toContain("12,50");
    expect(money("1", "not a currency")).toBe("1 not a currency");
    expect(number(2589)).toBe("2.589");
  });

  it.each([
    ["129.000", "VND", "129000"],
    ["1,290,000 ₫", "VND", "1290000"],
    ["129000đ", "VND", "129000"],
    ["12.5", "VND", null],
    ["12,50", "USD", "12.50"],
    ["1.250,5", "USD", "1250.5"],
    ["1,250", "USD", "1250"],
    ["-5", "VND", null],
    ["", "VND", null],
    ["5k", "VND", null],
  ])("%s %s", (typed, currency, amount) => expect(parseAmount(typed, currency)).toBe(amount));
});
