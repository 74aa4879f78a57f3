import {
  CheckCircleFilled,
  CheckOutlined,
  ClockCircleOutlined,
  CloseCircleFilled,
  EyeOutlined,
  QuestionCircleFilled,
} from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { Popover } from "@/shared/ui/Popover";
import type { Delivery } from "../rules/delivery";

const ICONS = {
  queued: ClockCircleOutlined,
  sending: ClockCircleOutlined,
  sent: CheckOutlined,
  delivered: CheckCircleFilled,
  read: EyeOutlined,
  failed: CloseCircleFilled,
  unknown: QuestionCircleFilled,
};

/** How far a message got, in an icon and in words. */
export function DeliveryMark({ delivery, isDecided = true }: { delivery: Delivery; isDecided?: boolean }) {
  const { t } = useTranslation("inbox");
  const Icon = ICONS[delivery];
  // As long as nobody has to decide, it is being found out.
  const isChecking = delivery === "unknown" && isDecided;
  const word = isChecking ? t("delivery.checking") : t(`delivery.${delivery}`);
  const mark = (
    <>
      <Icon aria-hidden="true" /> {word}
    </>
  );
  if (!isChecking) return <span className={`in-delivery in-delivery-${delivery}`}>{mark}</span>;
  return (
    <Popover className="in-delivery in-delivery-unknown" button={mark} title={t("delivery.checking")}>
      <p>{t("delivery.unknownText")}</p>
    </Popover>
  );
}
