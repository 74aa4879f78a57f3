import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { EmbeddingStatus } from "@/api/gen/model";
import { Badge, type Tone } from "@/shared/ui";

const TONES: Record<EmbeddingStatus, Tone> = { pending: "info", ready: "success", failed: "warning" };

/** Whether the assistant finds a product by meaning. While it waits and is on screen it asks to be kept up to date. */
export function EmbeddingBadge({ status, onWaiting }: EmbeddingBadgeProps) {
  const { t } = useTranslation("products");
  const ref = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const place = ref.current;
    if (status !== "pending" || place === null || onWaiting === undefined) return;
    const observer = new IntersectionObserver((entries) =>
      onWaiting(entries.at(-1)?.isIntersecting ?? false),
    );
    observer.observe(place);
    return () => {
      observer.disconnect();
      onWaiting(false);
    };
  }, [status, onWaiting]);
  return (
    <span ref={ref}>
      <Badge tone={TONES[status]} title={t(`embedding.${status}Hint`)}>
        {t(`embedding.${status}`)}
      </Badge>
    </span>
  );
}

interface EmbeddingBadgeProps {
  status: EmbeddingStatus;
  /** Stable. Whether somebody sees it wait. */
  onWaiting?: (waiting: boolean) => void;
}
