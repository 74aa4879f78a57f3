import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { redriveJournal } from "@/api/gen/journal/journal";
import type { Redrive } from "@/api/gen/model";
import { toast } from "@/shared/ui";
import { JOURNAL } from "./queries";

/** It is worked off in the background, most within a moment: the journal is read again then. */
const LOOK_AGAIN_MS = [1_000, 4_000, 10_000];

/** Has items worked off again. */
export function useRedrive(onBegun?: () => void) {
  const { t } = useTranslation("journal");
  const client = useQueryClient();
  const timers = useRef<ReturnType<typeof setTimeout>[]>([]);
  useEffect(() => () => timers.current.forEach(clearTimeout), []);
  return useMutation({
    mutationFn: (wish: Redrive) => redriveJournal(wish),
    onSuccess: ({ count }) => {
      toast(t("redrive.begun", { count }));
      onBegun?.();
    },
    onSettled: () => {
      const look = () => void client.invalidateQueries({ queryKey: JOURNAL });
      look();
      for (const wait of LOOK_AGAIN_MS) timers.current.push(setTimeout(look, wait));
    },
  });
}
