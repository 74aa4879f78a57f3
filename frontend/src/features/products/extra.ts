import { isRecord } from "@/api/error";

/** What a value is in the table. `json` is what no other kind can show. */
export type ValueKind = "text" | "number" | "list" | "json";

/** One row of the table. `id` is only for the screen. */
export interface ExtraRow {
  id: number;
  name: string;
  kind: ValueKind;
  text: string;
  /** The value it came from, for as long as nobody changed the row: showing and reading it must not alter it. */
  kept?: { kind: ValueKind; text: string; value: unknown };
}

export type RowProblem = "name_required" | "name_twice" | "value_required" | "not_a_number" | "not_json";

let last = 0;

export function emptyRow(): ExtraRow {
  last += 1;
  return { id: last, name: "", kind: "text", text: "" };
}

export function rowsOf(info: Record<string, unknown>): ExtraRow[] {
  return Object.entries(info).map(([name, value]) => {
    const shown = show(value);
    return { ...emptyRow(), name, ...shown, kept: { ...shown, value } };
  });
}

export const KINDS: readonly ValueKind[] = ["text", "number", "list", "json"];

export function isKind(value: unknown): value is ValueKind {
  return KINDS.some((kind) => kind === value);
}

/** Rows that were kept as text, with new ids; null when they are none. */
export function rowsLike(kept: unknown): ExtraRow[] | null {
  if (!Array.isArray(kept) || kept.length === 0) return null;
  const rows = kept.flatMap((row: unknown): ExtraRow[] => {
    if (!isRecord(row) || typeof row.name !== "string" || !isKind(row.kind) || typeof row.text !== "string")
      return [];
    const { name, kind, text, kept: origin } = row;
    const made = { ...emptyRow(), name, kind, text };
    if (!isRecord(origin) || !isKind(origin.kind) || typeof origin.text !== "string") return [made];
    return [{ ...made, kept: { kind: origin.kind, text: origin.text, value: origin.value } }];
  });
  return rows.length === kept.length ? rows : null;
}

function show(value: unknown): { kind: ValueKind; text: string } {
  if (typeof value === "string") return { kind: "text", text: value };
  if (typeof value === "number") return { kind: "number", text: String(value) };
  if (Array.isArray(value) && value.every(fitsList)) return { kind: "list", text: value.join(", ") };
  return { kind: "json", text: JSON.stringify(value) };
}

/** An entry that reads back from between two commas. */
function fitsList(entry: unknown): boolean {
  if (typeof entry === "number") return true;
  return typeof entry === "string" && entry !== "" && entry.trim() === entry && !entry.includes(",");
}

/** The object of a table without problems. Rows that say nothing are left out. */
export function infoOf(rows: readonly ExtraRow[]): Record<string, unknown> {
  return Object.fromEntries(rows.filter(saysSomething).map((row) => [row.name.trim(), read(row)]));
}

function read(row: ExtraRow): unknown {
  if (isKept(row)) return row.kept?.value;
  if (row.kind === "number") return numberOf(row.text);
  if (row.kind === "json") return jsonOf(row.text).value;
  if (row.kind === "text") return row.text.trim();
  const before: unknown = row.kept?.value;
  const numbers = new Set(
    Array.isArray(before) ? before.filter((entry) => typeof entry === "number").map(String) : [],
  );
  return entriesOf(row.text).map((entry) => (numbers.has(entry) ? Number(entry) : entry));
}

/** What is wrong, by the row's id. */
export function problemsOf(rows: readonly ExtraRow[]): Map<number, RowProblem> {
  const problems = new Map<number, RowProblem>();
  const names = new Set<string>();
  for (const row of rows.filter(saysSomething)) {
    const name = row.name.trim();
    const problem = name === "" ? "name_required" : names.has(name) ? "name_twice" : valueProblem(row);
    names.add(name);
    if (problem !== null) problems.set(row.id, problem);
  }
  return problems;
}

function valueProblem(row: ExtraRow): RowProblem | null {
  if (isKept(row)) return null;
  if (row.text.trim() === "" || (row.kind === "list" && entriesOf(row.text).length === 0))
    return "value_required";
  if (row.kind === "number") return numberOf(row.text) === null ? "not_a_number" : null;
  return row.kind === "json" && !jsonOf(row.text).valid ? "not_json" : null;
}

function saysSomething(row: ExtraRow): boolean {
  return row.name.trim() !== "" || row.text.trim() !== "";
}

function isKept(row: ExtraRow): boolean {
  return row.kept !== undefined && row.kept.kind === row.kind && row.kept.text === row.text;
}

function entriesOf(text: string): string[] {
  return text.split(/[,;\n]/u).flatMap((entry) => (entry.trim() === "" ? [] : [entry.trim()]));
}

/** A number as typed in either language: "2,5" and "2.5" are the same. */
function numberOf(text: string): number | null {
  const trimmed = text.trim();
  return /^-?\d+(?:[.,]\d+)?$/.test(trimmed) ? Number(trimmed.replace(",", ".")) : null;
}

function jsonOf(text: string): { valid: boolean; value: unknown } {
  try {
    return { valid: true, value: JSON.parse(text) };
  } catch {
    return { valid: false, value: null };
  }
}
