import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { isNotFound } from "@/api/error";
import { createEntry, deleteEntry } from "@/api/gen/entries/entries";
import type { Entry } from "@/api/gen/model";
import { errorText } from "@/shared/i18n/errors";
import { toast } from "@/shared/ui";
import { dropEntry, reloadEntries } from "./queries";

/** Removes an entry at once. The way back makes it anew, under another id. */
export function useRemoval(onGoing: () => void) {
  const { t } = useTranslation("knowledge");
  const client = useQueryClient();
  const say = (error: unknown) => toast(errorText(error), { tone: "error" });
  const restore = useMutation({
    mutationFn: ({ kind, title, body }: Entry) => createEntry({ kind, title, body }),
    onSuccess: ({ title }) => toast(t("restored", { title })),
    onError: say,
    onSettled: () => reloadEntries(client),
  });
  return useMutation({
    mutationFn: (entry: Entry) => deleteEntry(entry.id),
    onSuccess: (_, entry) => {
      onGoing();
      dropEntry(client, entry.id);
      reloadEntries(client);
      toast(t("removed", { title: entry.title }), { undo: () => restore.mutate(entry) });
    },
    onError: (error) => {
      if (!isNotFound(error)) say(error);
      reloadEntries(client);
    },
  });
}
