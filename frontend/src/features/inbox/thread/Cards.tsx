import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Card } from "@/api/gen/model";
import { safeUrl } from "@/shared/text";

/** Products as the customer sees them. */
export function Cards({ cards }: { cards: readonly Card[] }) {
  const { t } = useTranslation("inbox");
  if (cards.length === 0) return null;
  return (
    <ul className="in-cards" aria-label={t("message.cards", { count: cards.length })}>
      {cards.map((card, index) => (
        // Cards of a message never change places, and have no names of their own.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <li key={index} className="in-card">
          <CardPicture url={card.image_url ?? null} />
          <span className="in-card-text">
            <bdi className="in-card-title">{card.title}</bdi>
            {card.subtitle && <bdi className="in-card-sub">{card.subtitle}</bdi>}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Its room stays when there is none, so that names stand below each other. */
export function CardPicture({ url }: { url: string | null }) {
  const [broken, setBroken] = useState<string | null>(null);
  const safe = safeUrl(url);
  return (
    <span className="in-card-picture">
      {safe !== null && safe !== broken && (
        <img
          src={safe}
          alt=""
          width={56}
          height={56}
          loading="lazy"
          referrerPolicy="no-referrer"
          onError={() => setBroken(safe)}
        />
      )}
    </span>
  );
}

/** Answers to tap that went out with a text. */
export function QuickReplyList({ titles }: { titles: readonly string[] }) {
  const { t } = useTranslation("inbox");
  if (titles.length === 0) return null;
  return (
    <ul className="in-quick" aria-label={t("message.quickReplies")}>
      {titles.map((title) => (
        <li key={title}>
          <bdi>{title}</bdi>
        </li>
      ))}
    </ul>
  );
}
