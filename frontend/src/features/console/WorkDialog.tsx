import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { discardWork, retryWork } from "@/api/gen/admin/admin";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { ErrorNote, Loading, Skeleton } from "@/shared/ui/states";
import { toast } from "@/shared/ui/toast";
import { systemQuery, WORK } from "./queries";

export type Verdict = "retry" | "discard";
const DECIDE = { retry: retryWork, discard: discardWork };

/** Shows first what would become of the chosen work, and does it only then. */
export function WorkDialog({ verdict, ids, onClose, onDone }: WorkDialogProps) {
  const { t } = useTranslation(["console", "common"]);
  const client = useQueryClient();
  const plan = useQuery({
    queryKey: ["admin", "plan", verdict, ids],
    queryFn: ({ signal }) => DECIDE[verdict]({ ids, dry_run: true }, { signal }),
    staleTime: 0,
    gcTime: 0,
  });
  const decide = useMutation({
    mutationFn: () => DECIDE[verdict]({ ids, dry_run: false }),
    onSuccess: ({ done }) => {
      void client.invalidateQueries({ queryKey: WORK });
      void client.invalidateQueries({ queryKey: systemQuery.queryKey });
      toast(t(`console:work.${verdict}.done`, { count: done.length }));
      onDone();
      onClose();
    },
  });
  const count = plan.data?.done.length ?? 0;
  const gone = plan.data?.gone.length ?? 0;
  return (
    <Dialog
      title={t(`console:work.${verdict}.title`)}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:cancel")}</Button>
          <Button
            look={verdict === "retry" ? "primary" : "danger"}
            disabled={count === 0}
            busy={decide.isPending}
            onClick={() => decide.mutate()}
          >
            {t(`console:work.${verdict}.submit`)}
          </Button>
        </>
      }
    >
      <div className="cd-stack">
        <p>{t(`console:work.${verdict}.text`)}</p>
        {plan.isPending && (
          <Loading>
            <Skeleton height={44} />
          </Loading>
        )}
        {plan.data && (
          <p className="cd-alert" role="status">
            {t(`console:work.${verdict}.plan`, { count })}
            {gone > 0 && ` ${t("console:work.gone", { count: gone })}`}
          </p>
        )}
        <ErrorNote error={plan.error ?? decide.error} />
      </div>
    </Dialog>
  );
}

interface WorkDialogProps {
  verdict: Verdict;
  ids: string[];
  onClose: () => void;
  onDone: () => void;
}
