import type { CSSProperties, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/error";
import { errorText } from "../i18n/errors";
import { Button } from "./Button";

/** A grey place where something will be. The region around it says that it loads. */
export function Skeleton({ width = "100%", height = 16, style }: SkeletonProps) {
  return <span className="cd-skeleton" style={{ width, height, ...style }} aria-hidden="true" />;
}

interface SkeletonProps {
  width?: number | string;
  height?: number | string;
  style?: CSSProperties;
}

/** Skeletons of the final shape, announced once. */
export function Loading({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div aria-busy="true">
      <span className="cd-hidden" role="status">
        {t("loading")}
      </span>
      {children}
    </div>
  );
}

/** Nothing is here: why, and a way on. */
export function EmptyState({ title, text, action, icon }: EmptyProps) {
  return (
    <div className="cd-state">
      {icon}
      <p className="cd-state-title">{title}</p>
      {text && <p className="cd-state-text">{text}</p>}
      {action}
    </div>
  );
}

interface EmptyProps {
  title: ReactNode;
  text?: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
}

/** It did not load: why, the request's id for support, and another try. */
export function ErrorState({ error, onRetry, action }: ErrorProps) {
  const { t } = useTranslation();
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <div className="cd-state" role="alert">
      <p className="cd-state-title">{errorText(error)}</p>
      {requestId && (
        <p className="cd-state-id">
          {t("requestId")}: <code>{requestId}</code>
        </p>
      )}
      <div className="cd-row">
        {onRetry && <Button onClick={onRetry}>{t("retry")}</Button>}
        {action}
      </div>
    </div>
  );
}

interface ErrorProps {
  error: unknown;
  onRetry?: () => void;
  action?: ReactNode;
}

/** A failure of something that was just tried, beside where it was tried. */
export function ErrorNote({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (!error) return null;
  const requestId = error instanceof ApiError && error.status >= 500 ? error.requestId : null;
  return (
    <div className="cd-alert cd-tint-error" role="alert">
      {errorText(error)}
      {requestId && (
        <div className="cd-state-id">
          {t("requestId")}: <code>{requestId}</code>
        </div>
      )}
    </div>
  );
}
