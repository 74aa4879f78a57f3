import { describe, expect, it } from "vitest";
import { likelyPrice, parsePrice } from "./price";

describe("parsePrice", () => {
  it.each([
    ["150k", "150000"],
    ["150 K", "150000"],
    ["150.000", "150000"],
    ["150,000", "150000"],
    ["150000", "150000"],
    ["150.000đ", "150000"],
    ["150.000 ₫", "150000"],
    ["150 nghìn", "150000"],
    ["1tr2", "1200000"],
    ["1tr25", "1250000"],
    ["1tr250", "1250000"],
    ["1tr250k", "1250000"],
    ["1tr50k", "1050000"],
    ["1,5tr", "1500000"],
    ["1.5 triệu", "1500000"],
    ["2 trieu", "2000000"],
    ["1.500k", "1500000"],
    ["1ty2", "1200000000"],
    ["99k5", "99500"],
    ["0", "0"],
    ["007", "7"],
  ])("reads %s as dong", (typed, amount) => {
    expect(parsePrice(typed, "VND")).toBe(amount);
  });

  it.each([
    "",
    "k",
    "abc",
    "-5",
    "1.5",
    "1tr2345",
    "1.2.3k",
    "1,2345k",
    "12abc",
    "1e3",
    "9999999999999999",
    "1tr2k5",
  ])("takes %j for no price", (typed) => {
    expect(parsePrice(typed, "VND")).toBeNull();
  });

  it("leaves other currencies their decimals", () => {
    expect(parsePrice("12,50", "USD")).toBe("12.50");
    expect(parsePrice("1.250", "USD")).toBe("1250");
    expect(parsePrice("1.5k", "USD")).toBe("1500");
  });
});

it("guesses thousands behind a small price in dong only", () => {
  expect(likelyPrice("150", "VND")).toBe("150k");
  expect(likelyPrice("150000", "VND")).toBeNull();
  expect(likelyPrice("0", "VND")).toBeNull();
  expect(likelyPrice("150", "USD")).toBeNull();
});
