import { expect, it } from "vitest";
import { type ExtraRow, emptyRow, infoOf, problemsOf, rowsOf, type ValueKind } from "./extra";

function row(name: string, kind: ValueKind, text: string): ExtraRow {
  return { ...emptyRow(), name, kind, text };
}

it("shows texts, numbers and lists, and the rest as JSON", () => {
  const info = { màu: "đỏ", cao: 2.5, size: ["S", 38], kho: { hn: 3 }, mới: true, ghi: null, dài: ["a, b"] };
  const kinds = Object.fromEntries(rowsOf(info).map((each) => [each.name, [each.kind, each.text]]));
  expect(kinds).toEqual({
    màu: ["text", "đỏ"],
    cao: ["number", "2.5"],
    size: ["list", "S, 38"],
    kho: ["json", '{"hn":3}'],
    mới: ["json", "true"],
    ghi: ["json", "null"],
    dài: ["json", '["a, b"]'],
  });
  expect(infoOf(rowsOf(info))).toEqual(info);
});

it("keeps what nobody touched exactly as it was", () => {
  const info = { a: " x ", b: [], c: "", d: 1e21 };
  expect(problemsOf(rowsOf(info)).size).toBe(0);
  expect(infoOf(rowsOf(info))).toEqual(info);
});

it("keeps the numbers of a list that was only made longer", () => {
  const [size] = rowsOf({ size: ["S", 38] });
  expect(size && infoOf([{ ...size, text: "S, 38, 39, XL" }])).toEqual({ size: ["S", 38, "39", "XL"] });
});

it("reads what was typed", () => {
  const rows = [
    row(" chất liệu ", "text", " cotton "),
    row("nặng", "number", "2,5"),
    row("size", "list", "S; M\nL,"),
  ];
  expect(problemsOf(rows).size).toBe(0);
  expect(infoOf(rows)).toEqual({ "chất liệu": "cotton", nặng: 2.5, size: ["S", "M", "L"] });
});

it("names what is wrong and leaves empty rows alone", () => {
  const rows = [
    row("", "text", "x"),
    row("a", "text", "1"),
    row("a ", "text", "2"),
    row("b", "number", "1.000.000"),
    row("c", "json", "{"),
    row("d", "list", " , "),
    row("", "text", ""),
  ];
  expect(rows.map((each) => problemsOf(rows).get(each.id) ?? null)).toEqual([
    "name_required",
    null,
    "name_twice",
    "not_a_number",
    "not_json",
    "value_required",
    null,
  ]);
});

it("takes a name that objects have already", () => {
  const info = infoOf([row("__proto__", "text", "x")]);
  expect(Object.keys(info)).toEqual(["__proto__"]);
});
