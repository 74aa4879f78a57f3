import { create } from "zustand";
import { isRecord } from "@/api/error";
import type { AttachmentKind } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { Kept } from "./kept";

export type Mode = "reply" | "note";

/** A file that the platform holds already. */
export interface DraftFile {
  id: string;
  name: string;
  kind: AttachmentKind;
  size: number;
}

export interface Draft {
  text: string;
  files: DraftFile[];
  /** Answers to tap under the text. */
  quickReplies?: string[];
  /** When the newest message came that its writer had before them; null when there was none. */
  since: string | null;
  at: number;
}

const kept = new Kept<Draft>("cd.draft.", isDraft);
const WRITE_MS = 250;

/** What was written and not sent, by person, conversation and mode. It outlives a reload and the end of the session. */
export const useDrafts = create<{ drafts: Record<string, Draft> }>()(() => ({
  drafts: kept.all(Date.now()),
}));

kept.listen((key, draft) => {
  // What is being written here is newer than what another tab kept.
  if (!unwritten.has(key)) put(key, draft);
});

export function draftKey(conversationId: string, mode: Mode): string {
  return `${useSession.getState().user?.id ?? ""}.${conversationId}.${mode}`;
}

export function draftOf(conversationId: string, mode: Mode): Draft | null {
  return useDrafts.getState().drafts[draftKey(conversationId, mode)] ?? null;
}

export function hasDraft(drafts: Record<string, Draft>, conversationId: string): boolean {
  return (
    isWorth(drafts[draftKey(conversationId, "reply")]) || isWorth(drafts[draftKey(conversationId, "note")])
  );
}

/** Blanks are kept while one types, but they are nothing to come back for. */
function isWorth(draft: Draft | undefined): boolean {
  return draft !== undefined && (draft.text.trim() !== "" || draft.files.length > 0);
}

/** Changes a draft. `newest` is when the newest message came; it counts when the draft begins. */
export function writeDraft(
  conversationId: string,
  mode: Mode,
  change: Partial<Draft>,
  newest: string | null,
): void {
  const key = draftKey(conversationId, mode);
  const old = useDrafts.getState().drafts[key] ?? { text: "", files: [], since: newest, at: 0 };
  const draft = { ...old, ...change, at: Date.now() };
  const isEmpty = draft.text === "" && draft.files.length === 0 && (draft.quickReplies ?? []).length === 0;
  put(key, isEmpty ? null : draft);
  later(key);
}

export function clearDraft(conversationId: string, mode: Mode): void {
  const key = draftKey(conversationId, mode);
  put(key, null);
  later(key);
  writeDown();
}

function put(key: string, draft: Draft | null): void {
  useDrafts.setState(({ drafts }) => {
    const { [key]: _, ...others } = drafts;
    return { drafts: draft === null ? others : { ...others, [key]: draft } };
  });
}

const unwritten = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

function later(key: string): void {
  unwritten.add(key);
  timer ??= setTimeout(writeDown, WRITE_MS);
}

function writeDown(): void {
  clearTimeout(timer);
  timer = undefined;
  const { drafts } = useDrafts.getState();
  for (const key of unwritten) kept.write(key, drafts[key] ?? null);
  unwritten.clear();
}

addEventListener("pagehide", writeDown);

// Whoever logs out leaves nothing behind: what is kept goes with `app/forgetting`, and here what this page remembers.
useSession.subscribe((now, before) => {
  if (now.phase !== "out" || now.reason !== "left" || before.user === null) return;
  for (const key of Object.keys(useDrafts.getState().drafts)) {
    if (!key.startsWith(`${before.user.id}.`)) continue;
    put(key, null);
    unwritten.add(key);
  }
  writeDown();
});

function isDraft(value: unknown): value is Draft {
  if (!isRecord(value)) return false;
  const { text, files, quickReplies, since, at } = value;
  return (
    typeof text === "string" &&
    (since === null || typeof since === "string") &&
    typeof at === "number" &&
    Array.isArray(files) &&
    files.every(isFile) &&
    (quickReplies === undefined || isTexts(quickReplies))
  );
}

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

export function isFile(value: unknown): value is DraftFile {
  if (!isRecord(value)) return false;
  const { id, name, kind, size } = value;
  return (
    typeof id === "string" && typeof name === "string" && typeof kind === "string" && typeof size === "number"
  );
}
