import { RobotOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Provenance } from "@/api/gen/model";
import { UsedEntries } from "@/shared/entry/UsedEntries";
import { money, number, percent } from "@/shared/money";
import { reasonText, ruleText } from "@/shared/reasons";
import { Popover } from "@/shared/ui/Popover";
import type { InboxWords } from "../words";

/** The mark of an answer by the assistant; a click says where the answer comes from. */
export function ProvenanceButton({ provenance }: { provenance: Provenance }) {
  const { t } = useTranslation("inbox");
  return (
    <Popover
      className="in-prov-button cd-tint-ai"
      label={`${t("prov.badge")}: ${t("prov.open")}`}
      title={t("prov.title")}
      button={
        <>
          <RobotOutlined aria-hidden="true" /> {t("prov.badge")}
        </>
      }
    >
      <ProvenanceDetails provenance={provenance} />
    </Popover>
  );
}

function ProvenanceDetails({ provenance }: { provenance: Provenance }) {
  const { t } = useTranslation(["inbox", "common"]);
  const { products, entry_ids, verdict, model, prompt_version, tokens, latency_ms, handover_reason } =
    provenance;
  const facts: [string, string][] = [
    [t("prov.verdict"), verdictWord(verdict, t)],
    [t("prov.model"), model === "catalogue" ? t("prov.catalogue") : model],
    [t("prov.latency"), t("prov.ms", { value: number(latency_ms) })],
    [t("prov.prompt"), prompt_version],
  ];
  if (tokens.prompt + tokens.completion > 0) {
    const told = { prompt: number(tokens.prompt), completion: number(tokens.completion) };
    facts.push([t("prov.tokens"), t("prov.tokensValue", told)]);
  }
  return (
    <div className="in-prov">
      <h3>{t("prov.title")}</h3>
      {handover_reason && (
        <p className="cd-alert cd-tint-warning">
          {t("prov.handover")}: {reasonText(handover_reason)}
        </p>
      )}
      <h4>{t("prov.products")}</h4>
      {products.length === 0 ? <p>{t("prov.noProducts")}</p> : <UsedProducts products={products} />}
      <UsedEntries ids={entry_ids} heading="h4" className="in-products" />
      <dl className="in-facts">
        {facts
          .filter(([, value]) => value !== "")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </div>
  );
}

function verdictWord(verdict: string, t: InboxWords): string {
  if (verdict === "" || verdict === "passed") return verdict === "" ? "" : t("prov.passed");
  return t("prov.blocked", { rule: ruleText(verdict) });
}

/** Products an answer rests on, with how well they fit the question. */
export function UsedProducts({ products }: { products: Provenance["products"] }) {
  const { t } = useTranslation("inbox");
  return (
    <ul className="in-products">
      {products.map((product) => (
        <li key={product.id}>
          <Link to={`/products/${product.id}`}>
            <bdi>{product.name}</bdi>
          </Link>
          <span>
            {money(product.price, product.currency)}
            {product.status === "out_of_stock" && ` · ${t("prov.out_of_stock")}`}
          </span>
          <span className="in-score">
            <meter min={0} max={1} value={product.score} aria-hidden="true" />
            {t("prov.score", { score: percent(product.score) })}
          </span>
        </li>
      ))}
    </ul>
  );
}
