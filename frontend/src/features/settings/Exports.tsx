import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Export, ExportState } from "@/api/gen/model";
import { linkExport, startExport } from "@/api/gen/privacy/privacy";
import { addressOf } from "@/api/wire";
import { errorText } from "@/shared/i18n/errors";
import { number } from "@/shared/money";
import { fullTime } from "@/shared/time";
import { Badge, Button, ErrorNote, ErrorState, type Tone, toast } from "@/shared/ui";
import { exportsQuery } from "./queries";

const MEGABYTE = 1_000_000;
const TONES: Record<ExportState, Tone> = {
  running: "info",
  ready: "success",
  failed: "error",
  withdrawn: "warning",
};

export function Exports() {
  const { t } = useTranslation("settings");
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(exportsQuery);
  const isRunning = data?.some(({ state }) => state === "running") ?? false;
  const start = useMutation({
    mutationFn: () => startExport(),
    onSettled: () => client.invalidateQueries({ queryKey: exportsQuery.queryKey }),
  });
  return (
    <section className="cd-card cd-stack" aria-labelledby="export-title">
      <h2 id="export-title">{t("export.title")}</h2>
      <p>{t("export.text")}</p>
      <div>
        <Button busy={start.isPending || isRunning} onClick={() => start.mutate()}>
          {t("export.start")}
        </Button>
      </div>
      <ErrorNote error={start.error} />
      {data === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data !== undefined && data.length > 0 && (
        <ul className="cd-rows" aria-label={t("export.listLabel")}>
          {data.map((one) => (
            <Row key={one.id} one={one} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ one }: { one: Export }) {
  const { t } = useTranslation(["settings", "errors"]);
  const client = useQueryClient();
  const fetch = useMutation({
    mutationFn: () => linkExport(one.id),
    // The link works once, for half a minute, without a token: the browser fetches the file by itself.
    onSuccess: ({ url }) => location.assign(addressOf(url)),
    onError: (error) => {
      // It may be gone since it was listed.
      void client.invalidateQueries({ queryKey: exportsQuery.queryKey });
      toast(errorText(error), { tone: "error" });
    },
  });
  return (
    <li className="cd-rows-item settings-person">
      <div className="cd-rows-words" role={one.state === "running" ? "status" : undefined}>
        {fullTime(one.requested_at)}{" "}
        <Badge tone={TONES[one.state]}>{t(`settings:export.state.${one.state}`)}</Badge>
        {one.state === "withdrawn" && <p className="cd-field-hint">{t("errors:export_withdrawn")}</p>}
        {(one.state === "running" || one.state === "ready") && (
          <p className="cd-field-hint">
            {t("settings:export.lines", { lines: number(one.lines), size: sizeOf(one.size) })}
            {one.state === "ready" && ` · ${t("settings:export.until", { when: fullTime(one.expires_at) })}`}
          </p>
        )}
      </div>
      {one.state === "ready" && (
        <Button small look="primary" busy={fetch.isPending} onClick={() => fetch.mutate()}>
          {t("settings:export.fetch")}
        </Button>
      )}
    </li>
  );
}

function sizeOf(bytes: number): string {
  return bytes < MEGABYTE ? `${number(Math.ceil(bytes / 1000))} kB` : `${number(bytes / MEGABYTE, 1)} MB`;
}
