import { useTranslation } from "react-i18next";
import type { Message } from "@/api/gen/model";

/** Meta's names for reactions that came without the emoji. */
const EMOJI: Record<string, string> = {
  smile: "😊",
  laugh: "😆",
  angry: "😠",
  sad: "😢",
  wow: "😮",
  love: "❤️",
  like: "👍",
  dislike: "👎",
};

/** What the customer and the shop felt about a message: each with whose it is. */
export function Reactions({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  if (message.reactions.length === 0 || message.deleted_at) return null;
  return (
    <ul className="in-reactions" aria-label={t("message.reactionList")}>
      {message.reactions.map(({ reaction, is_from_contact: isTheirs }) => (
        <li key={String(isTheirs)} className={isTheirs ? "in-reaction" : "in-reaction in-reaction-shop"}>
          {EMOJI[reaction] ?? reaction}{" "}
          <small>{isTheirs ? t("message.reactionCustomer") : t("message.reactionShop")}</small>
        </li>
      ))}
    </ul>
  );
}
