import { create } from "zustand";
import { ApiError } from "@/api/error";
import { uploadAttachment } from "@/api/gen/attachments/attachments";
import type { AttachmentKind, Platform } from "@/api/gen/model";
import { newId } from "@/shared/ids";
import { essenceOf, type FileProblem, fileProblem, headerName, kindOf } from "../rules/files";
import { type DraftFile, draftOf, writeDraft } from "./drafts";

/** A file on its way to the platform, or one that did not get there. */
export interface UploadState {
  id: string;
  conversationId: string;
  file: File;
  kind: AttachmentKind;
  /** From 0 to 1. */
  progress: number;
  /** It cannot be sent there at all. */
  problem: FileProblem | null;
  /** It did not get there, and may when it is tried again. */
  error: unknown;
}

/** Files live as long as the page; what has arrived belongs to the draft. */
export const useUploads = create<{ uploads: UploadState[] }>()(() => ({ uploads: [] }));

/** Pictures that were chosen on this page, by the id they have now, to show them small. */
const previews = new Map<string, string>();

export function previewOf(id: string): string | null {
  return previews.get(id) ?? null;
}

const PATIENCE_MS = 10 * 60_000;
const aborts = new Map<string, AbortController>();

export function uploadsIn(uploads: readonly UploadState[], conversationId: string): UploadState[] {
  return uploads.filter((upload) => upload.conversationId === conversationId);
}

/** Checks files and uploads them at once. */
export function addFiles(
  conversationId: string,
  platform: Platform,
  files: Iterable<File>,
  newest: string | null,
): void {
  for (const file of files) {
    const problem = fileProblem(platform, file);
    const kind = kindOf(platform, file.type) ?? "file";
    const upload = { id: newId(), conversationId, file, kind, progress: 0, problem, error: null };
    useUploads.setState(({ uploads }) => ({ uploads: [...uploads, upload] }));
    if (kind === "image" && problem === null) previews.set(upload.id, URL.createObjectURL(file));
    if (problem === null) void start(upload, newest);
  }
}

export function retryUpload(upload: UploadState, newest: string | null): void {
  change(upload.id, { error: null, progress: 0 });
  void start(upload, newest);
}

/** Stops an upload, or takes away one that failed. */
export function removeUpload(id: string): void {
  aborts.get(id)?.abort();
  forgetPreview(id);
  useUploads.setState(({ uploads }) => ({ uploads: uploads.filter((upload) => upload.id !== id) }));
}

function movePreview(from: string, to: string): void {
  const url = previews.get(from);
  if (url !== undefined) previews.set(to, url);
  previews.delete(from);
}

/** Gives the picture's memory back once it is no longer shown. */
export function forgetPreview(id: string): void {
  const url = previews.get(id);
  if (url !== undefined) URL.revokeObjectURL(url);
  previews.delete(id);
}

async function start(upload: UploadState, newest: string | null): Promise<void> {
  const { id, conversationId, file } = upload;
  const abort = new AbortController();
  aborts.set(id, abort);
  try {
    const {
      id: uploaded,
      name,
      kind,
      size,
    } = await uploadAttachment(conversationId, file, {
      headers: { "Content-Type": essenceOf(file.type), "X-File-Name": headerName(file.name) },
      signal: abort.signal,
      timeout: PATIENCE_MS,
      onUploadProgress: ({ progress }) => change(id, { progress: progress ?? 0 }),
    });
    movePreview(id, uploaded);
    removeUpload(id);
    attach(conversationId, { id: uploaded, name, kind, size }, newest);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "canceled")) change(id, { error });
  } finally {
    aborts.delete(id);
  }
}

function attach(conversationId: string, file: DraftFile, newest: string | null): void {
  const files = [...(draftOf(conversationId, "reply")?.files ?? []), file];
  writeDraft(conversationId, "reply", { files }, newest);
}

function change(id: string, what: Partial<UploadState>): void {
  useUploads.setState(({ uploads }) => ({
    uploads: uploads.map((upload) => (upload.id === id ? { ...upload, ...what } : upload)),
  }));
}
