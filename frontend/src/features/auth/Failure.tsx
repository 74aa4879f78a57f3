import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/error";
import { ErrorNote } from "@/shared/ui/states";

/** What went wrong with the whole form; `unauthenticated` is what 401 means here. */
export function Failure({ failure, wait, unauthenticated }: FailureProps) {
  const { t } = useTranslation("auth");
  const status = failure instanceof ApiError ? failure.status : 0;
  if (status === 429) {
    if (wait === 0) return null;
    return <Note text={t("tooMany", { count: wait })} />;
  }
  if (status === 401 && unauthenticated !== undefined) return <Note text={unauthenticated} />;
  return <ErrorNote error={failure} />;
}

interface FailureProps {
  failure: unknown;
  wait: number;
  unauthenticated?: string;
}

function Note({ text }: { text: string }) {
  return (
    <div className="cd-alert cd-tint-error" role="alert">
      {text}
    </div>
  );
}
