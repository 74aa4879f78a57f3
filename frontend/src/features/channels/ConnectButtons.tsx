import { useTranslation } from "react-i18next";
import type { Platform } from "@/api/gen/model";
import { Button, Menu } from "@/shared/ui";
import { PlatformIcon } from "./PlatformIcon";

/** The ways to connect: Meta's logins, and a page's token for those who have one. */
export function ConnectButtons({ busy, onSignIn, onToken }: ConnectButtonsProps) {
  const { t } = useTranslation("channels");
  return (
    <div className="cd-row channel-ways">
      <Button
        look="primary"
        icon={<PlatformIcon platform="facebook" />}
        busy={busy === "facebook"}
        onClick={() => onSignIn("facebook")}
      >
        {t("connect.facebook")}
      </Button>
      <Button
        icon={<PlatformIcon platform="instagram" />}
        busy={busy === "instagram"}
        onClick={() => onSignIn("instagram")}
      >
        {t("connect.instagram")}
      </Button>
      <Menu
        button={{ look: "plain", children: t("connect.advanced") }}
        align="end"
        entries={[
          { key: "facebook", label: t("connect.facebookToken"), onSelect: () => onToken("facebook") },
          { key: "instagram", label: t("connect.instagramToken"), onSelect: () => onToken("instagram") },
        ]}
      />
    </div>
  );
}

interface ConnectButtonsProps {
  /** Whose login is on its way. */
  busy: Platform | null;
  onSignIn: (platform: Platform) => void;
  onToken: (platform: Platform) => void;
}
