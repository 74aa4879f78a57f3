import { FacebookFilled, InstagramOutlined, RobotOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { AiState, Label, Platform } from "@/api/gen/model";
import { VisuallyHidden } from "@/shared/ui";

const AI_TINTS: Record<AiState, string> = {
  active: "cd-tint-ai",
  paused: "cd-tint-warning",
  handed_over: "cd-tint-error",
  off: "in-ai-off",
};

/** What the assistant does in a conversation, in one small mark. */
export function AiMark({ state }: { state: AiState }) {
  const { t } = useTranslation("inbox");
  return (
    <span className={`in-ai ${AI_TINTS[state]}`} title={t(`ai.${state}`)}>
      <RobotOutlined aria-hidden="true" />
      <span className="in-ai-text">{t(`ai.${state}`)}</span>
    </span>
  );
}

export function LabelChip({ label }: { label: Label }) {
  return (
    <span className={`in-label in-label-${label.color}`} title={label.name}>
      <bdi>{label.name}</bdi>
    </span>
  );
}

export function PlatformMark({ platform }: { platform: Platform }) {
  const { t } = useTranslation();
  const Icon = platform === "facebook" ? FacebookFilled : InstagramOutlined;
  return (
    <span className={`in-platform in-platform-${platform}`} title={t(`platforms.${platform}`)}>
      <Icon aria-hidden="true" />
      <VisuallyHidden>{t(`platforms.${platform}`)}</VisuallyHidden>
    </span>
  );
}
