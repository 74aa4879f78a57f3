import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ApiError } from "@/api/error";
import { startImport } from "@/api/gen/products/products";
import { type Chosen, type FileProblem, fileProblem, nameHeader, taken } from "./file";
import { oneImport, putImport, reloadImports } from "./queries";

/** What names a product that is there already: its code, its name, or nothing, so that all are new. */
export type Update = "none" | "sku" | "name";

/** A file on its way to the server. */
export interface Intake {
  chosen: Chosen | null;
  problem: FileProblem | null;
  update: Update;
  isSending: boolean;
  /** A share from 0 to 1 of what is to be sent; null before the first of it went. */
  sent: number | null;
  error: unknown;
  /** The import that what is chosen was last sent as. */
  checked: string | null;
  /** Takes a file and has it looked at. */
  choose: (file: File) => void;
  /** Looks at it anew: what names a product is another thing. */
  setUpdate: (update: Update) => void;
  /** Sends what is chosen: to look at it only, or to take it over. */
  send: (dryRun: boolean) => void;
  /** Stops what is being sent. */
  stop: () => void;
  forget: () => void;
}

export function useIntake(onStarted: (id: string | null) => void): Intake {
  const client = useQueryClient();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [problem, setProblem] = useState<FileProblem | null>(null);
  const [update, setUpdate] = useState<Update>("sku");
  const [sent, setSent] = useState<number | null>(null);
  const [checked, setChecked] = useState<string | null>(null);
  const abort = useRef<AbortController | null>(null);
  const picks = useRef(0);

  const sending = useMutation({
    mutationFn: ({ file, by, dryRun }: { file: Chosen; by: Update; dryRun: boolean }) => {
      const control = new AbortController();
      abort.current = control;
      return startImport(
        file.content,
        { dry_run: dryRun, ...(by === "none" ? {} : { update: by }) },
        {
          headers: { "X-File-Name": nameHeader(file.name) },
          signal: control.signal,
          timeout: 0,
          onUploadProgress: ({ progress }) => setSent(progress ?? null),
        },
      );
    },
    onMutate: () => setSent(null),
    onSuccess: (started) => {
      client.setQueryData(oneImport(started.id).queryKey, started);
      putImport(client, started);
      setChecked(started.id);
      onStarted(started.id);
    },
    // Another file is being worked off: the list shows it, with the way to stop it.
    onError: () => reloadImports(client),
  });
  const isStopped = sending.error instanceof ApiError && sending.error.code === "canceled";

  const choose = (file: File) => {
    picks.current += 1;
    const pick = picks.current;
    abort.current?.abort();
    sending.reset();
    setChosen(null);
    setChecked(null);
    const wrong = fileProblem(file);
    setProblem(wrong);
    if (wrong !== null) return;
    taken(file).then(
      (read) => {
        // Somebody chose another one meanwhile.
        if (picks.current !== pick) return;
        setChosen(read);
        sending.mutate({ file: read, by: update, dryRun: true });
      },
      () => setProblem("unread"),
    );
  };
  return {
    chosen,
    problem,
    update,
    isSending: sending.isPending,
    sent,
    error: isStopped ? null : sending.error,
    checked,
    choose,
    setUpdate: (by) => {
      setUpdate(by);
      if (chosen === null || sending.isPending) return;
      sending.mutate({ file: chosen, by, dryRun: true });
    },
    send: (dryRun) => {
      if (chosen !== null && !sending.isPending) sending.mutate({ file: chosen, by: update, dryRun });
    },
    stop: () => abort.current?.abort(),
    forget: () => {
      picks.current += 1;
      abort.current?.abort();
      sending.reset();
      setChosen(null);
      setProblem(null);
      setChecked(null);
      onStarted(null);
    },
  };
}
