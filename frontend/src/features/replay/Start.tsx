import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { startReplay } from "@/api/gen/assistant/assistant";
import { Button, ErrorNote, SelectField } from "@/shared/ui";
import { keepReplay } from "./last";
import { replayKey } from "./queries";

const COUNTS = ["10", "30", "100"];

/** Starts a run and goes to its report. */
export function Start({ isRunning, hasRun }: { isRunning: boolean; hasRun: boolean }) {
  const { t } = useTranslation("replay");
  const navigate = useNavigate();
  const client = useQueryClient();
  const [limit, setLimit] = useState("30");
  const start = useMutation({
    mutationFn: () => startReplay({ limit: Number(limit) }),
    onSuccess: (replay) => {
      keepReplay(replay.id);
      client.setQueryData(replayKey(replay.id), replay);
      void navigate(`/replay/${replay.id}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isRunning && !start.isPending) start.mutate();
  };
  return (
    <>
      <form className="replay-start" onSubmit={submit}>
        <SelectField
          label={t("count")}
          options={COUNTS.map((value) => ({ value, label: t("countOf", { count: Number(value) }) }))}
          value={limit}
          disabled={isRunning}
          onChange={(event) => setLimit(event.target.value)}
        />
        <Button type="submit" look="primary" busy={isRunning || start.isPending}>
          {hasRun ? t("runAgain") : t("run")}
        </Button>
      </form>
      <ErrorNote error={start.error} />
    </>
  );
}
