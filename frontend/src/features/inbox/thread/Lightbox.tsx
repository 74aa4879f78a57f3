import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/ui";

/** A picture as large as the screen allows. */
export default function Lightbox({
  url,
  title,
  onClose,
}: {
  url: string;
  title: string;
  onClose: () => void;
}) {
  const { t } = useTranslation("inbox");
  return (
    <Dialog
      title={<bdi>{title || t("attachment.lightbox")}</bdi>}
      onClose={onClose}
      wide
      footer={
        <a href={url} target="_blank" rel="noopener noreferrer nofollow">
          {t("attachment.original")}
        </a>
      }
    >
      <img className="in-lightbox" src={url} alt={title} referrerPolicy="no-referrer" />
    </Dialog>
  );
}
