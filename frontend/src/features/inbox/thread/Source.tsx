import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Referral } from "@/api/gen/model";
import { safeUrl } from "@/shared/text";
import { sourceWord } from "../words";

/** The link or advertisement that a customer came through. */
export function Source({ referral }: { referral: Referral }) {
  const { t } = useTranslation(["inbox", "common"]);
  const [isBroken, setBroken] = useState(false);
  const { title, ref, ad_id, post_id, product_id } = referral;
  const photo = safeUrl(referral.photo_url);
  const facts: [string, string | null | undefined][] = [
    [t("source.ref"), ref],
    [t("source.ad"), ad_id],
    [t("source.post"), post_id],
    [t("source.product"), product_id],
  ];
  return (
    <div className="in-source">
      {photo?.startsWith("https:") && !isBroken && (
        <img
          src={photo}
          alt=""
          width={64}
          height={64}
          loading="lazy"
          referrerPolicy="no-referrer"
          onError={() => setBroken(true)}
        />
      )}
      <div className="in-source-text">
        <span className="in-source-kind">{t("source.from", { source: sourceWord(referral, t) })}</span>
        {title && <bdi className="in-source-title">{title}</bdi>}
        {facts.map(
          ([name, value]) =>
            value && (
              <small key={name}>
                {name}: <bdi>{value}</bdi>
              </small>
            ),
        )}
      </div>
    </div>
  );
}
