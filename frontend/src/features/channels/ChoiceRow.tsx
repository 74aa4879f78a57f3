import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/error";
import type { GrantedPage } from "@/api/gen/model";
import { errorText } from "@/shared/i18n/errors";
import { Badge, type Tone } from "@/shared/ui";
import { AskForPage } from "./AskForPage";
import type { Progress } from "./connecting";
import { PlatformIcon } from "./PlatformIcon";

const TONES: Record<GrantedPage["state"], Tone> = {
  available: "info",
  connected: "success",
  taken: "warning",
  no_right: "neutral",
};
const PROGRESS_TONES: Record<Progress["kind"], Tone> = {
  waiting: "neutral",
  connecting: "info",
  done: "success",
  failed: "error",
};

/** A page of a login: to be chosen, or why it cannot be. */
export function ChoiceRow(props: ChoiceRowProps) {
  const { page, grantId, isChosen, isLocked, progress, isAsked, onToggle } = props;
  const { t } = useTranslation(["channels", "common"]);
  const { state, platform } = page;
  const isDone = progress?.kind === "done";
  const isTaken =
    state === "taken" || (progress?.kind === "failed" && codeOf(progress.error) === "page_taken");
  const canChoose = !isTaken && state !== "no_right";
  const words = (
    <span className="channel-words">
      <bdi className="channel-choice-name">{page.name}</bdi>
      <span className="channel-where">
        {t(`common:platforms.${platform}`)} · {t("channels:pageId")} <bdi>{page.page_id}</bdi>
      </span>
    </span>
  );
  return (
    <li className="cd-card channel-choice">
      {canChoose ? (
        <label className="channel-choice-main">
          <input
            type="checkbox"
            checked={isChosen || isDone}
            disabled={isLocked || isDone}
            onChange={onToggle}
          />
          <span className={`channel-icon channel-icon-small channel-icon-${platform}`}>
            <PlatformIcon platform={platform} />
          </span>
          {words}
        </label>
      ) : (
        <div className="channel-choice-main">
          <span className={`channel-icon channel-icon-small channel-icon-${platform}`}>
            <PlatformIcon platform={platform} />
          </span>
          {words}
        </div>
      )}
      <span className="channel-choice-state" aria-live="polite">
        {progress === null ? (
          <Badge tone={TONES[state]}>{t(`channels:choice.state.${state}`)}</Badge>
        ) : (
          <Badge tone={PROGRESS_TONES[progress.kind]}>{t(`channels:choice.progress.${progress.kind}`)}</Badge>
        )}
      </span>
      {progress?.kind === "failed" ? (
        <p className="channel-choice-more cd-field-error">
          {codeOf(progress.error) === "not_found" ? t("channels:choice.expired") : errorText(progress.error)}
        </p>
      ) : (
        progress === null &&
        state !== "available" && (
          <p className="channel-choice-more channel-where">{t(`channels:choice.about.${state}`)}</p>
        )
      )}
      {isTaken && <AskForPage page={page} grantId={grantId} isAsked={isAsked} />}
    </li>
  );
}

function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : "";
}

interface ChoiceRowProps {
  page: GrantedPage;
  grantId: string;
  isChosen: boolean;
  isLocked: boolean;
  progress: Progress | null;
  /** Its owner has been asked for it. */
  isAsked: boolean;
  onToggle: () => void;
}
