import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Grant, GrantedPage, Transfer } from "@/api/gen/model";
import { clock } from "@/shared/time";
import { Button, ButtonLink, EmptyState } from "@/shared/ui";
import { ChoiceRow } from "./ChoiceRow";
import { keyOf, useConnecting } from "./connecting";
import { transfersQuery } from "./queries";
import { SignInAgain } from "./SignInAgain";
import type { Begun } from "./signIn";

/** Which pages of a login shall be connected, and how far that is. */
export function Choice({ grant, begun }: { grant: Grant; begun: Begun }) {
  const { t } = useTranslation("channels");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(firstChoice(grant.pages, begun.pageId)),
  );
  const { progress, isBusy, connect } = useConnecting(grant.id);
  const { data: transfers = [] } = useQuery(transfersQuery);
  const asked = (page: GrantedPage, state: Transfer["state"]) =>
    transfers.some(
      (one) =>
        !one.is_incoming &&
        one.state === state &&
        one.page_id === page.page_id &&
        one.platform === page.platform,
    );
  // One that was given to this business counts as its own already, though it is not connected yet.
  const pages = grant.pages.map((page) =>
    page.state === "connected" && asked(page, "accepted") ? { ...page, state: "available" as const } : page,
  );
  if (pages.length === 0) {
    return (
      <EmptyState
        title={t("choice.none")}
        text={t("choice.noneText")}
        action={<SignInAgain platform={begun.platform} />}
      />
    );
  }
  const open = pages.filter((page) => isOpen(page) && progress[keyOf(page)]?.kind !== "done");
  const wanted = open.filter((page) => chosen.has(keyOf(page)));
  const done = pages.filter((page) => progress[keyOf(page)]?.kind === "done").length;
  const toggle = (page: GrantedPage) => {
    const next = new Set(chosen);
    if (!next.delete(keyOf(page))) next.add(keyOf(page));
    setChosen(next);
  };
  const isMissing = begun.pageId !== null && !pages.some(({ page_id }) => page_id === begun.pageId);
  const hasLinked = begun.platform === "facebook" && pages.some(({ platform }) => platform === "instagram");
  return (
    <div className="cd-stack">
      <p>{t("choice.intro", { until: clock(grant.expires_at) })}</p>
      {hasLinked && <p className="channel-where">{t("choice.linked")}</p>}
      {isMissing && (
        <div className="cd-alert cd-tint-warning">{t("choice.missing", { id: begun.pageId })}</div>
      )}
      <ul className="channel-list" aria-label={t("choice.label")}>
        {pages.map((page) => (
          <ChoiceRow
            key={keyOf(page)}
            page={page}
            grantId={grant.id}
            isChosen={chosen.has(keyOf(page))}
            isLocked={isBusy}
            progress={progress[keyOf(page)] ?? null}
            isAsked={asked(page, "pending")}
            onToggle={() => toggle(page)}
          />
        ))}
      </ul>
      <p className="cd-hidden" role="status">
        {done > 0 && t("choice.done", { count: done })}
      </p>
      <div className="cd-row channel-again">
        {(wanted.length > 0 || done === 0) && open.length > 0 && (
          <Button
            look="primary"
            busy={isBusy}
            disabled={wanted.length === 0 && !isBusy}
            onClick={() => void connect(wanted)}
          >
            {isBusy
              ? t("choice.connecting")
              : wanted.length === 0
                ? t("choice.chooseFirst")
                : t("choice.connect", { count: wanted.length })}
          </Button>
        )}
        <ButtonLink to="/channels" look={wanted.length === 0 && done > 0 ? "primary" : "default"}>
          {t(done > 0 ? "choice.finish" : "callback.back")}
        </ButtonLink>
      </div>
    </div>
  );
}

/** Whether it can be connected now. */
export function isOpen({ state }: GrantedPage): boolean {
  return state === "available" || state === "connected";
}

/** The page that was to be connected anew; else the only one that can be. More are a choice. */
export function firstChoice(pages: readonly GrantedPage[], pageId: string | null): string[] {
  const open = pages.filter(isOpen);
  const meant = open.filter(({ page_id }) => page_id === pageId);
  const free = open.filter(({ state }) => state === "available");
  return (meant.length > 0 ? meant : free.length === 1 ? free : []).map(keyOf);
}
