import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { isNotFound } from "@/api/error";
import type { Import } from "@/api/gen/model";
import { cancelImport } from "@/api/gen/products/products";
import { errorText } from "@/shared/i18n/errors";
import { number } from "@/shared/money";
import { Button, ButtonLink, EmptyState, ErrorState, Loading, Skeleton, toast } from "@/shared/ui";
import { reloadLists } from "../queries";
import { Columns } from "./Columns";
import { isOver, oneImport, reloadImports } from "./queries";
import { Report } from "./Report";
import type { Intake } from "./useIntake";
import { failureText } from "./words";

/** One file: how far it is, and what became of it. */
export function Result({ id, intake }: { id: string; intake: Intake }) {
  const { t } = useTranslation("imports");
  const { data, isError, error, refetch } = useQuery(oneImport(id));
  if (data !== undefined) return <Known found={data} intake={intake} />;
  if (!isError) {
    return (
      <Loading>
        <Skeleton height={120} />
      </Loading>
    );
  }
  if (isNotFound(error)) return <EmptyState title={t("gone")} />;
  return <ErrorState error={error} onRetry={() => void refetch()} />;
}

function Known({ found, intake }: { found: Import; intake: Intake }) {
  const { t } = useTranslation("imports");
  const client = useQueryClient();
  const head = useRef<HTMLHeadingElement>(null);
  const over = isOver(found);
  const was = useRef(over);
  useEffect(() => {
    if (!over || was.current) return;
    was.current = true;
    // What is over is what was waited for; nobody is taken away from what they do meanwhile.
    if (document.activeElement === null || document.activeElement === document.body) head.current?.focus();
    reloadImports(client);
    if (!found.dry_run) reloadLists(client);
  }, [over, found.dry_run, client]);
  return (
    <section className="cd-card cd-stack" aria-labelledby={found.id}>
      <div>
        <h2 id={found.id} ref={head} tabIndex={-1} className="imports-title">
          {t(found.dry_run ? `dry.${found.state}` : `real.${found.state}`)}
        </h2>
        {found.file_name != null && (
          <p className="cd-field-hint">
            <bdi>{found.file_name}</bdi>
          </p>
        )}
      </div>
      {!over && <Progress found={found} />}
      {found.state === "failed" && (
        <p className="cd-alert cd-alert-error" role="alert">
          {failureText(found.failure)}
        </p>
      )}
      {found.state === "cancelled" && !found.dry_run && <p className="cd-alert">{t("cancelledText")}</p>}
      {(found.state === "done" || found.state === "cancelled") && <Counts found={found} />}
      {over && found.columns.length > 0 && <Columns columns={found.columns} />}
      {over && <Next found={found} intake={intake} />}
      {over && found.state !== "failed" && <Report found={found} />}
    </section>
  );
}

function Progress({ found }: { found: Import }) {
  const { t } = useTranslation("imports");
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => cancelImport(found.id),
    onSettled: () => reloadImports(client),
    onError: (error) => toast(errorText(error), { tone: "error" }),
  });
  const total = found.rows_total ?? null;
  return (
    <div className="imports-way">
      <progress
        aria-label={t("progress")}
        {...(total === null ? {} : { value: found.rows_done, max: Math.max(total, 1) })}
      />
      <span>
        {total === null ? t("reading") : t("rows", { done: number(found.rows_done), total: number(total) })}
      </span>
      <Button small busy={stop.isPending} onClick={() => stop.mutate()}>
        {t("stop")}
      </Button>
    </div>
  );
}

function Counts({ found }: { found: Import }) {
  const { t } = useTranslation("imports");
  return (
    <dl className="imports-counts">
      {(["added", "updated", "unchanged", "refused"] as const).map((outcome) => (
        <div key={outcome} className={`imports-count imports-count-${outcome}`}>
          <dt>{t(found.dry_run ? `would.${outcome}` : `did.${outcome}`)}</dt>
          <dd>{number(found[outcome])}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What to do now. */
function Next({ found, intake }: { found: Import; intake: Intake }) {
  const { t } = useTranslation("imports");
  const changes = found.added + found.updated;
  if (!found.dry_run) {
    return (
      <div className="imports-next">
        <ButtonLink to="/products" look="primary">
          {t("next.see")}
        </ButtonLink>
      </div>
    );
  }
  if (found.state !== "done") return null;
  if (changes === 0) return <p className="cd-alert">{t(found.refused > 0 ? "next.none" : "next.same")}</p>;
  // Reloaded, or another's: the file itself is only where it was chosen.
  if (intake.chosen === null || intake.checked !== found.id)
    return <p className="cd-alert">{t("next.again")}</p>;
  return (
    <div className="imports-next">
      <Button look="primary" busy={intake.isSending} onClick={() => intake.send(false)}>
        {t("next.take", { count: changes })}
      </Button>
      {found.refused > 0 && <p className="cd-field-hint">{t("next.without", { count: found.refused })}</p>}
    </div>
  );
}
