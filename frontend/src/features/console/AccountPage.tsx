import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import { Security } from "@/shared/security/Security";
import { PageHead } from "@/shared/ui/PageHead";

/** An admin's own password, codes and devices. */
export function AccountPage() {
  const { t } = useTranslation("console");
  const email = useSession((state) => state.user?.email) ?? "";
  return (
    <>
      <PageHead title={t("nav.account")}>
        <bdi className="console-id">{email}</bdi>
      </PageHead>
      <div>
        <div className="console-account">
          <Security />
        </div>
      </div>
    </>
  );
}
