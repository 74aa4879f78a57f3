import { ArrowLeftOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { registerLive } from "@/realtime/apply";
import { useRights } from "@/shared/rights";
import { ButtonLink, PageHead } from "@/shared/ui";
import { liveProducts } from "../queries";
import { Choice } from "./Choice";
import { LastImports } from "./LastImports";
import { Result } from "./Result";
import { useIntake } from "./useIntake";
import "../products.css";
import "./imports.css";

registerLive("products", liveProducts);

/** Brings products in from a file: looked at first, then taken over. */
export function Component() {
  const { t } = useTranslation("imports");
  const { works } = useRights();
  const [params, setParams] = useSearchParams();
  const id = params.get("id");
  const intake = useIntake((started) => setParams(started === null ? {} : { id: started }));
  return (
    <div className="cd-page imports">
      <ButtonLink to="/products" look="plain" icon={<ArrowLeftOutlined aria-hidden="true" />}>
        {t("toList")}
      </ButtonLink>
      <PageHead title={t("title")} />
      {works ? (
        <div className="cd-stack">
          <Choice intake={intake} isCompact={id !== null} />
          {id !== null && !intake.isSending && <Result key={id} id={id} intake={intake} />}
          <LastImports current={id} />
        </div>
      ) : (
        <p className="cd-alert">{t("viewer")}</p>
      )}
    </div>
  );
}
