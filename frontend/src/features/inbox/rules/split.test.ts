import { describe, expect, it } from "vitest";
import { splitText } from "./split";

describe("a long text", () => {
  it("is one part when it is short, none when it is blank", () => {
    for (const platform of ["facebook", "instagram"] as const) {
      expect(splitText(platform, " Dạ còn size M ạ.\n")).toEqual(["Dạ còn size M ạ."]);
      expect(splitText(platform, " \n\t")).toEqual([]);
    }
  });

  it("is cut exactly at the platform's limit", () => {
    expect(splitText("facebook", "a".repeat(2000))).toHaveLength(1);
    expect(splitText("facebook", "a".repeat(2001))).toHaveLength(2);
    expect(splitText("facebook", "😊".repeat(1001))).toHaveLength(2);
    expect(splitText("instagram", "ấ".repeat(333))).toHaveLength(1);
    expect(splitText("instagram", "ấ".repeat(334))).toHaveLength(2);
  });

  it("is cut after a sentence, else between words, and a price ends no sentence", () => {
    const first = `${"chữ ".repeat(350).trim()}.`;
    expect(splitText("facebook", `${first} ${"từ ".repeat(400)}`)[0]).toBe(first);
    const words = splitText("facebook", "dài ".repeat(600)).flatMap((part) => part.split(" "));
    expect(new Set(words)).toEqual(new Set(["dài"]));
    expect(words).toHaveLength(600);
    const price = `${"a".repeat(1990)}250.000₫`;
    expect(splitText("facebook", `${price} ${"b".repeat(100)}`)[0]).toBe(price);
  });

  it("keeps accents and joined emoji whole", () => {
    const family = "👨\u200d👩\u200d👧";
    for (const part of splitText("instagram", family.repeat(200))) {
      expect(part.replaceAll(family, "")).toBe("");
    }
    for (const part of splitText("instagram", "e\u0301".repeat(700))) expect(part.length % 2).toBe(0);
  });

  it("is cut quickly at its longest", () => {
    const parts = splitText("instagram", "ộ".repeat(10_000));
    expect(parts.join("")).toBe("ộ".repeat(10_000));
    expect(parts).toHaveLength(31);
  });
});
