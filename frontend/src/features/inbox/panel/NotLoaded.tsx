import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { errorText } from "@/shared/i18n/errors";
import { Button } from "@/shared/ui";

/** Says that a part of the details is missing because its list did not come, and asks for it again. */
export function NotLoaded({ query, text }: { query: UseQueryResult<unknown>; text: string }) {
  const { t } = useTranslation("common");
  if (query.data !== undefined || query.error === null) return null;
  return (
    <p className="in-notice cd-tint-error in-not-loaded" role="alert">
      {text} {errorText(query.error)}{" "}
      <Button look="link" onClick={() => void query.refetch()}>
        {t("retry")}
      </Button>
    </p>
  );
}
