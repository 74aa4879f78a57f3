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
export function DeliveryMark({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation("inbox");
  const Icon = ICONS[delivery];
  const mark = (
    <>
      <Icon aria-hidden="true" /> {t(`delivery.${delivery}`)}
    </>
  );
  if (delivery !== "unknown") return <span className={`in-delivery in-delivery-${delivery}`}>{mark}</span>;
  return (
    <Popover className="in-delivery in-delivery-unknown" button={mark} title={t("delivery.unknown")}>
      <p>{t("delivery.unknownText")}</p>
    </Popover>
  );
}
