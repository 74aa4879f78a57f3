import type { AttachmentKind, Platform } from "@/api/gen/model";

const MB = 1024 * 1024;
const LARGEST = 25 * MB;
const LARGEST_INSTAGRAM_IMAGE = 8 * MB;
/** The longest name that the server takes, in bytes. */
const LONGEST_NAME = 255;

const INSTAGRAM: Record<string, AttachmentKind> = {
  "image/png": "image",
  "image/jpeg": "image",
  "image/gif": "image",
  "audio/aac": "audio",
  "audio/x-aac": "audio",
  "audio/m4a": "audio",
  "audio/x-m4a": "audio",
  "audio/mp4": "audio",
  "audio/wav": "audio",
  "audio/x-wav": "audio",
  "audio/wave": "audio",
  "audio/vnd.wave": "audio",
  "video/mp4": "video",
  "video/ogg": "video",
  "video/avi": "video",
  "video/x-msvideo": "video",
  "video/quicktime": "video",
  "video/webm": "video",
  "application/pdf": "file",
};

export type FileProblem = "type_not_supported" | "too_large" | "empty";

export interface FileFacts {
  name: string;
  type: string;
  size: number;
}

/** What the platform would show a file as; null when it does not take it. */
export function kindOf(platform: Platform, type: string): AttachmentKind | null {
  const essence = essenceOf(type);
  if (platform === "instagram") return INSTAGRAM[essence] ?? null;
  if (/^image\/(png|jpeg|gif|webp)$/.test(essence)) return "image";
  if (essence.startsWith("audio/")) return "audio";
  return essence.startsWith("video/") ? "video" : "file";
}

export function largest(platform: Platform, kind: AttachmentKind): number {
  return platform === "instagram" && kind === "image" ? LARGEST_INSTAGRAM_IMAGE : LARGEST;
}

/** Why a file cannot be sent there; null when it can. */
export function fileProblem(platform: Platform, file: FileFacts): FileProblem | null {
  const kind = kindOf(platform, file.type);
  if (kind === null) return "type_not_supported";
  if (file.size === 0) return "empty";
  return file.size > largest(platform, kind) ? "too_large" : null;
}

/** What a file picker offers. */
export function acceptOf(platform: Platform): string | undefined {
  return platform === "instagram" ? Object.keys(INSTAGRAM).join(",") : undefined;
}

/** A type that the server takes: browsers leave it empty for what they do not know. */
export function essenceOf(type: string): string {
  return type.split(";")[0]?.trim().toLowerCase() || "application/octet-stream";
}

/** A name within the limit that keeps its ending, as a header carries it. */
export function headerName(name: string): string {
  // Half of a pair of surrogates cannot be encoded.
  return encodeURIComponent(shorten(name.trim() || "file").replace(/\p{Surrogate}/gu, "\ufffd"));
}

function shorten(name: string): string {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  if (bytes(name) <= LONGEST_NAME) return name;
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 && name.length - dot <= 10 ? name.slice(dot) : "";
  let stem = Array.from(name.slice(0, name.length - ending.length));
  while (bytes(stem.join("")) + bytes(ending) > LONGEST_NAME) stem = stem.slice(0, -1);
  return stem.join("") + ending;
}

/** A size as people say it: 1,2 MB. */
export function sizeParts(bytes: number): { value: number; unit: "kB" | "MB" } {
  return bytes >= MB / 10
    ? { value: bytes / MB, unit: "MB" }
    : { value: Math.max(bytes / 1024, 0.1), unit: "kB" };
}
