import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, isTransient } from "@/api/error";
import type { Platform } from "@/api/gen/model";
import { useSession } from "@/api/session";
import { forgetLoginReturn, loginReturn } from "@/shared/loginReturn";
import { ErrorState, Loading, PageHead, Skeleton } from "@/shared/ui";
import { Choice } from "./Choice";
import { redeem } from "./connecting";
import { SignInAgain } from "./SignInAgain";
import { type Begun, begunLogin, forgetBegun, judge, returnAddress } from "./signIn";
import "./channels.css";

/** Where Meta's login comes back to: what came of it, and which pages shall be connected. */
export function Component() {
  const { t } = useTranslation("channels");
  const person = useSession((state) => state.user?.id) ?? null;
  const [outcome] = useState(() => judge(loginReturn(), begunLogin(), person));
  // Both work once; what they say is kept above as long as this page is open. What answers no login of this window ends none.
  const answersOurs = outcome.kind !== "foreign" && outcome.kind !== "nothing";
  useEffect(() => {
    forgetLoginReturn();
    if (answersOurs) forgetBegun();
  }, [answersOurs]);
  return (
    <div className="cd-page">
      <PageHead title={t("callback.title")} />
      {outcome.kind === "code" ? (
        <Redeeming code={outcome.code} begun={outcome.begun} />
      ) : (
        <Ended kind={outcome.kind} platform={outcome.kind === "denied" ? outcome.platform : null} />
      )}
    </div>
  );
}

function Redeeming({ code, begun }: { code: string; begun: Begun }) {
  const { t } = useTranslation("channels");
  const { data, error, isFetching, refetch } = useQuery({
    // Not by the code, which is nobody else's to see.
    queryKey: ["login-grant", begun.state],
    queryFn: () => redeem(begun.platform, code, returnAddress()),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (data !== undefined) return <Choice grant={data} begun={begun} />;
  if (error === null || isFetching) return <Asking label={t("callback.asking")} />;
  if (error instanceof ApiError && error.code === "login_refused") {
    return <Ended kind="refused" platform={begun.platform} />;
  }
  // The code was not used up when nobody could be reached.
  return (
    <ErrorState
      error={error}
      {...(isTransient(error) || isTooFast(error) ? { onRetry: () => void refetch() } : {})}
      action={<SignInAgain platform={begun.platform} />}
    />
  );
}

function isTooFast(error: unknown): boolean {
  return error instanceof ApiError && error.status === 429;
}

function Asking({ label }: { label: string }) {
  return (
    <Loading>
      <p className="channel-intro">{label}</p>
      <div className="channel-list">
        <Skeleton height={64} />
        <Skeleton height={64} />
        <Skeleton height={64} />
      </div>
    </Loading>
  );
}

/** It did not lead to pages: why, and the ways on. */
function Ended({ kind, platform }: EndedProps) {
  const { t } = useTranslation("channels");
  return (
    <div className="cd-state" role="alert">
      <p className="cd-state-title">{t(`callback.${kind}.title`)}</p>
      <p className="cd-state-text">{t(`callback.${kind}.text`)}</p>
      <SignInAgain platform={platform} />
    </div>
  );
}

interface EndedProps {
  kind: "nothing" | "denied" | "foreign" | "failed" | "refused";
  /** Whose login to offer again; both, where that is not known. */
  platform: Platform | null;
}
