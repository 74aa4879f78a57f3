import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Preview } from "@/api/gen/model";
import { UsedEntries } from "@/shared/entry/UsedEntries";
import { money, number, percent } from "@/shared/money";
import { reasonText, ruleText } from "@/shared/reasons";

/** What an answer rests on. */
export function Facts({ answer, open }: { answer: Preview; open: boolean }) {
  const { t } = useTranslation("preview");
  const { tokens, entry_ids } = answer;
  return (
    <details className="preview-facts" open={open}>
      <summary>{t("facts.title")}</summary>
      <dl>
        <Fact name={t("facts.outcome")}>
          {answer.outcome === "answered" ? t("facts.answered") : t("facts.handover")}
        </Fact>
        {answer.reason && <Fact name={t("facts.reason")}>{reasonText(answer.reason)}</Fact>}
        <Fact name={t("facts.verdict")}>
          <Verdict verdict={answer.verdict} />
        </Fact>
        <Fact name={t("facts.model")}>
          {answer.model === "catalogue" ? t("facts.catalogue") : <bdi>{answer.model}</bdi>}
        </Fact>
        {answer.model !== "catalogue" && (
          <Fact name={t("facts.tokens")}>
            {t("facts.tokensRead", {
              prompt: number(tokens.prompt),
              completion: number(tokens.completion),
            })}
          </Fact>
        )}
        <Fact name={t("facts.time")}>{t("facts.milliseconds", { count: answer.latency_ms })}</Fact>
      </dl>
      <Products answer={answer} />
      <UsedEntries ids={entry_ids} heading="p" className="preview-entries" />
    </details>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Verdict({ verdict }: { verdict: string }) {
  const { t } = useTranslation("preview");
  return verdict === "passed" ? t("facts.passed") : t("facts.blocked", { rule: ruleText(verdict) });
}

function Products({ answer: { products } }: { answer: Preview }) {
  const { t } = useTranslation("preview");
  if (products.length === 0) return <p className="cd-field-hint">{t("facts.noProducts")}</p>;
  return (
    <table>
      <caption>{t("facts.products")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("facts.product")}</th>
          <th scope="col">{t("facts.price")}</th>
          <th scope="col">{t("facts.score")}</th>
        </tr>
      </thead>
      <tbody>
        {products.map((product) => (
          <tr key={product.id}>
            <td>
              <Link to={`/products/${product.id}`}>
                <bdi>{product.name}</bdi>
              </Link>
            </td>
            <td>{money(product.price, product.currency)}</td>
            <td>
              <span className="preview-score" aria-hidden="true">
                <span style={{ width: `${Math.min(1, Math.max(0, product.score)) * 100}%` }} />
              </span>
              {percent(product.score)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
