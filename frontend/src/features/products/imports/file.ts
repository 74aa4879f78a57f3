/** The largest file that the server takes. */
export const LARGEST = 20 * 1024 * 1024;
/** Of a name in UTF-8. */
const LONGEST_NAME = 255;

export type FileProblem = "tooLarge" | "empty" | "oldExcel" | "kind" | "unread";

/** A file as it was when it was chosen: what is saved over it later is another file. */
export interface Chosen {
  name: string;
  content: Blob;
}

/** What can be told of a file before it is sent; whether it is what its name says only the server sees. */
export function fileProblem({ name, size }: { name: string; size: number }): FileProblem | null {
  const ending = /\.(\w+)$/.exec(name.toLowerCase())?.[1] ?? "";
  if (size === 0) return "empty";
  if (size > LARGEST) return "tooLarge";
  if (ending === "xls") return "oldExcel";
  return ["csv", "tsv", "txt", "xlsx", ""].includes(ending) ? null : "kind";
}

/** Takes a file's bytes now: one that is saved anew between the check and the import could not be sent any more. */
export async function taken(file: File): Promise<Chosen> {
  return { name: file.name, content: new Blob([await file.arrayBuffer()]) };
}

/** A file's name for its header, cut where the server would not take more of it. */
export function nameHeader(name: string): string {
  const encoder = new TextEncoder();
  let fitting = "";
  let bytes = 0;
  for (const letter of name) {
    // Half of a letter has no bytes.
    if (/\p{Cs}/u.test(letter)) continue;
    bytes += encoder.encode(letter).length;
    if (bytes > LONGEST_NAME) break;
    fitting += letter;
  }
  return encodeURIComponent(fitting);
}
