import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Import } from "@/api/gen/model";
import { membersQuery } from "@/api/queries";
import { number } from "@/shared/money";
import { fullTime } from "@/shared/time";
import { Badge, ErrorState, Loading, Skeleton, type Tone } from "@/shared/ui";
import { importsQuery } from "./queries";

const TONES: Record<Import["state"], Tone> = {
  queued: "info",
  running: "info",
  done: "success",
  failed: "error",
  cancelled: "neutral",
};

/** The files of late, each with the way to its report. */
export function LastImports({ current }: { current: string | null }) {
  const { t } = useTranslation("imports");
  const { data, isError, error, refetch } = useQuery(importsQuery);
  if (data === undefined) {
    if (isError) return <ErrorState error={error} onRetry={() => void refetch()} />;
    return (
      <Loading>
        <Skeleton height={60} />
      </Loading>
    );
  }
  if (data.length === 0) return null;
  return (
    <section aria-labelledby="imports-last">
      <h2 id="imports-last" className="imports-title">
        {t("last")}
      </h2>
      <ul className="imports-rows">
        {data.map((one) => (
          <Line key={one.id} found={one} isCurrent={one.id === current} />
        ))}
      </ul>
    </section>
  );
}

function Line({ found, isCurrent }: { found: Import; isCurrent: boolean }) {
  const { t } = useTranslation("imports");
  const { data: members } = useQuery(membersQuery);
  const who = members?.find((member) => member.id === found.started_by)?.name ?? null;
  const counts = (["added", "updated", "refused"] as const).filter((outcome) => found[outcome] > 0);
  return (
    <li className={isCurrent ? "imports-current" : undefined}>
      <div className="imports-file">
        <Link to={`/products/import?id=${found.id}`} aria-current={isCurrent ? "true" : undefined}>
          <bdi>{found.file_name ?? t("noName")}</bdi>
        </Link>
        <p className="cd-field-hint">
          <time dateTime={found.created_at}>{fullTime(found.created_at)}</time>
          {who !== null && (
            <>
              {" · "}
              <bdi>{who}</bdi>
            </>
          )}
          {counts.map((outcome) => ` · ${t(`outcome.${outcome}`)} ${number(found[outcome])}`)}
        </p>
      </div>
      <span className="imports-badges">
        {found.dry_run && <Badge>{t("dryRun")}</Badge>}
        <Badge tone={TONES[found.state]}>{t(`state.${found.state}`)}</Badge>
      </span>
    </li>
  );
}
