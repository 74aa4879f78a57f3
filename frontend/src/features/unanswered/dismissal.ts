import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { isNotFound } from "@/api/error";
import { dismissUnanswered } from "@/api/gen/assistant/assistant";
import { toast } from "@/shared/ui";

/** Forgets a question. One that somebody else has dealt with meanwhile is as good as forgotten. */
export function useDismissal(id: string, onGone: () => void) {
  const { t } = useTranslation("unanswered");
  return useMutation({
    mutationFn: async () => {
      try {
        await dismissUnanswered(id);
        return true;
      } catch (error) {
        if (isNotFound(error)) return false;
        throw error;
      }
    },
    onSuccess: (wasMine) => {
      toast(wasMine ? t("dismissed") : t("gone"));
      onGone();
    },
  });
}
