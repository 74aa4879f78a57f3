import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { isNotFound, isRecord } from "@/api/error";
import { send } from "@/api/wire";
import { applyLanguage } from "@/shared/appearance";
import { LANGUAGES } from "@/shared/i18n";
import { errorText } from "@/shared/i18n/errors";
import { usePreferences } from "@/shared/preferences";
import { DEFAULT_ZONE, fullTime } from "@/shared/time";
import { Button } from "@/shared/ui/Button";
import { Loading, Skeleton } from "@/shared/ui/states";
import "./deletion.css";

interface Deletion {
  isDone: boolean;
  requestedAt: string;
  completedAt: string | null;
}

type State =
  | { kind: "asking" }
  | { kind: "known"; deletion: Deletion }
  | { kind: "unknown" }
  | { kind: "failed"; error: unknown };

/** How far a deletion is that somebody asked Meta for. Meta links here, so that nobody has to log in. */
export function Component() {
  const { t } = useTranslation(["deletion", "common"]);
  const language = usePreferences((state) => state.language);
  const code = new URLSearchParams(window.location.search).get("code")?.trim() ?? "";
  const [tries, setTries] = useState(0);
  const [state, setState] = useState<State>({ kind: "asking" });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another try asks again
  useEffect(() => {
    let isOver = false;
    setState({ kind: "asking" });
    const tell = (told: State) => {
      if (!isOver) setState(told);
    };
    read(code).then(tell, (error: unknown) => tell({ kind: "failed", error }));
    return () => {
      isOver = true;
    };
  }, [code, tries]);
  return (
    <main className="deletion">
      <title>{`${t("deletion:title")} · ChatDesk`}</title>
      <div className="deletion-card">
        <p className="deletion-brand">
          <img src="/favicon.svg" alt="" width={28} height={28} /> ChatDesk
        </p>
        <h1>{t("deletion:title")}</h1>
        <Told state={state} onRetry={() => setTries(tries + 1)} />
        {code !== "" && state.kind !== "unknown" && (
          <p className="deletion-code">
            {t("deletion:code")}: <code>{code}</code>
          </p>
        )}
      </div>
      <p className="deletion-languages">
        {LANGUAGES.map((one) => (
          <button
            key={one}
            type="button"
            className="cd-btn cd-btn-link"
            lang={one}
            aria-pressed={one === language}
            onClick={() => void applyLanguage(one)}
          >
            {t(`common:language.${one}`)}
          </button>
        ))}
      </p>
    </main>
  );
}

function Told({ state, onRetry }: { state: State; onRetry: () => void }) {
  const { t } = useTranslation(["deletion", "common"]);
  if (state.kind === "asking") {
    return (
      <Loading>
        <Skeleton height={48} />
      </Loading>
    );
  }
  if (state.kind === "unknown") {
    return (
      <div className="cd-alert cd-tint-warning" role="status">
        <strong>{t("deletion:unknown.title")}</strong>
        <p>{t("deletion:unknown.text")}</p>
      </div>
    );
  }
  if (state.kind === "failed") {
    return (
      <div className="cd-stack" role="alert">
        <p>{errorText(state.error)}</p>
        <Button onClick={onRetry}>{t("common:retry")}</Button>
      </div>
    );
  }
  const { isDone, requestedAt, completedAt } = state.deletion;
  return (
    <>
      <div className={isDone ? "cd-alert deletion-done" : "cd-alert"} role="status">
        <strong>{t(isDone ? "deletion:done.title" : "deletion:running.title")}</strong>
        <p>{t(isDone ? "deletion:done.text" : "deletion:running.text")}</p>
      </div>
      <p>{t("deletion:requested", { when: fullTime(requestedAt, DEFAULT_ZONE) })}</p>
      {completedAt !== null && (
        <p>{t("deletion:completed", { when: fullTime(completedAt, DEFAULT_ZONE) })}</p>
      )}
    </>
  );
}

/** Asked as nobody: whoever looks at it has no session here. */
async function read(code: string): Promise<State> {
  if (code === "") return { kind: "unknown" };
  try {
    const told = await send<unknown>({ url: `/api/data-deletion/${encodeURIComponent(code)}` }, null);
    return toldOf(told);
  } catch (error) {
    if (isNotFound(error)) return { kind: "unknown" };
    throw error;
  }
}

export function toldOf(told: unknown): State {
  if (!isRecord(told) || typeof told.requested_at !== "string") return { kind: "unknown" };
  const completedAt = typeof told.completed_at === "string" ? told.completed_at : null;
  return {
    kind: "known",
    deletion: { isDone: told.is_done === true, requestedAt: told.requested_at, completedAt },
  };
}
