import { describe, expect, it } from "vitest";
import { initials, linkParts, matches, plainName, safeUrl, unaccent } from "./text";

describe("unaccent", () => {
  it.each([
    ["Áo thun ĐỎ", "ao thun do"],
    ["Nguyễn Thị Hương Giang", "nguyen thi huong giang"],
    ["ƯỚC mơ, đường", "uoc mo, duong"],
    // The same letters, composed and decomposed.
    ["Tiê\u0301ng Viê\u0323t", "tieng viet"],
    ["", ""],
    ["ab😀", "ab😀"],
  ])("%s", (text, plain) => expect(unaccent(text)).toBe(plain));
});

describe("plainName", () => {
  it.each([
    ["a\u202egpj.exe", "agpj.exe"],
    ["\u2066b\u2069\u200f.png", "b.png"],
    ["pho\u200d\u200bto.jpg", "photo.jpg"],
    ["👩\u200d👩\u200d👧 và 👍🏽\u200d♀\ufe0f.png", "👩\u200d👩\u200d👧 và 👍🏽\u200d♀\ufe0f.png"],
    ["hóa đơn.pdf", "hóa đơn.pdf"],
  ])("%j", (name, plain) => expect(plainName(name)).toBe(plain));
});

describe("matches", () => {
  it.each([
    ["Áo thun đỏ", "ao d", true],
    ["Áo thun đỏ", "đỏ áo", true],
    ["Áo thun đỏ", "hun", false],
    ["0912 345 678", "345", true],
    ["Áo thun", "", true],
  ])("%s / %s", (text, query, fits) => expect(matches(text, query)).toBe(fits));
});

describe("initials", () => {
  it.each([
    ["Nguyễn Văn Đức", "VĐ"],
    ["lan", "L"],
    ["  ", ""],
    ["😀 Hoa", "H"],
    ["\u202eevil name", "EN"],
  ])("%s", (name, letters) => expect(initials(name)).toBe(letters));
});

describe("linkParts", () => {
  const links = (text: string) => linkParts(text).flatMap(({ href }) => (href === null ? [] : [href]));

  it("keeps every character", () => {
    const text = "Xem https://shop.vn/a?b=1, (http://x.vn). <b>javascript:alert(1)</b> hết";
    expect(
      linkParts(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
    expect(links(text)).toEqual(["https://shop.vn/a?b=1", "http://x.vn"]);
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "ftp://x", "https://", "HTTP", "mailto:a@b.c"])(
    "%s is only text",
    (text) => expect(links(text)).toEqual([]),
  );

  it("does not let a direction mark hide the rest of an address", () => {
    expect(links("https://a.vn/\u202egnp.exe")).toEqual(["https://a.vn/"]);
  });

  it("is quick on long texts", () => {
    const parts = linkParts(`https://a.vn/${"a.".repeat(5_000)}`);
    expect(parts.length).toBeLessThanOrEqual(2);
  });
});

describe("safeUrl", () => {
  it.each([
    ["https://a.vn/x.png", "https://a.vn/x.png"],
    ["javascript:alert(1)", null],
    ["//a.vn", null],
    ["", null],
    [null, null],
  ])("%s", (url, safe) => expect(safeUrl(url)).toBe(safe));
});
