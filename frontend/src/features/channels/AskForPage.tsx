import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { requestTransfer } from "@/api/gen/channels/channels";
import type { GrantedPage } from "@/api/gen/model";
import { useRights } from "@/shared/rights";
import { Button, ErrorNote } from "@/shared/ui";
import { PATIENCE_MS } from "./connecting";
import { putTransfer, transfersQuery } from "./queries";

/** Asks whoever has a page to give it up. That is for owners. */
export function AskForPage({ page, grantId, isAsked }: AskForPageProps) {
  const { t } = useTranslation("channels");
  const { owns } = useRights();
  const client = useQueryClient();
  const ask = useMutation({
    mutationFn: () =>
      requestTransfer(
        { platform: page.platform, page_id: page.page_id, grant_id: grantId },
        { timeout: PATIENCE_MS },
      ),
    onSuccess: (transfer) => {
      putTransfer(client, transfer);
      void client.invalidateQueries({ queryKey: transfersQuery.queryKey });
    },
  });
  if (isAsked || ask.isSuccess) {
    return (
      <p className="channel-choice-more" role="status">
        {t("choice.asked")}
      </p>
    );
  }
  if (!owns) return <p className="channel-choice-more channel-where">{t("choice.askOwner")}</p>;
  return (
    <div className="channel-choice-more">
      <ErrorNote error={ask.error} />
      <Button
        small
        busy={ask.isPending}
        aria-label={t("choice.askNamed", { name: page.name })}
        onClick={() => ask.mutate()}
      >
        {t("choice.ask")}
      </Button>
    </div>
  );
}

interface AskForPageProps {
  page: GrantedPage;
  grantId: string;
  isAsked: boolean;
}
