import { ArrowLeftOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation, Message, UsedProduct } from "@/api/gen/model";
import { channelsQuery } from "@/api/queries";
import { useRights } from "@/shared/rights";
import { fullTime } from "@/shared/time";
import { Avatar, Button } from "@/shared/ui";
import { UsedProducts } from "../thread/Provenance";
import { useChannel } from "../useChances";
import { contactName } from "../words";
import { AiSection } from "./AiSection";
import { Assignee } from "./Assignee";
import { EraseContact } from "./EraseContact";
import { Labels } from "./Labels";
import { NotLoaded } from "./NotLoaded";
import { SourceSection } from "./SourceSection";
import { WindowSection } from "./WindowSection";

interface Props {
  conversation: Conversation;
  messages: readonly Message[];
  onClose: () => void;
}

/** Everything about the customer, the conversation and the assistant. */
export function Panel({ conversation, messages, onClose }: Props) {
  const { t } = useTranslation(["inbox", "common"]);
  const { works: mayAct, manages } = useRights();
  const channel = useChannel(conversation);
  const channels = useQuery(channelsQuery);
  const { contact, platform } = conversation;
  const name = contactName(contact, t);
  const facts: [string, string][] = [
    [t("panel.status"), t(`status.${conversation.status}`)],
    [t("panel.platform"), t(`common:platforms.${platform}`)],
    [t("panel.page"), channel?.page_name ?? ""],
    [t("panel.platformId", { platform: t(`common:platforms.${platform}`) }), contact.platform_user_id],
    [t("panel.since"), fullTime(conversation.created_at)],
    [t("panel.lastMessage"), conversation.last_message_at ? fullTime(conversation.last_message_at) : ""],
    [t("panel.notes"), String(conversation.note_count)],
  ];
  return (
    <aside
      className="in-panel"
      aria-label={t("panel.label")}
      // Who may only look finds nothing in it to go to, and has to scroll it all the same.
      tabIndex={mayAct ? undefined : 0}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <div className="in-panel-back">
        <Button
          look="plain"
          label={t("panel.back")}
          icon={<ArrowLeftOutlined aria-hidden="true" />}
          onClick={onClose}
        />
        <h2>{t("panel.label")}</h2>
      </div>
      <div className="in-panel-who">
        <Avatar name={name} url={contact.profile_pic_url ?? null} size={56} />
        <h3>
          <bdi>{name}</bdi>
        </h3>
      </div>
      <AiSection conversation={conversation} mayAct={mayAct} />
      <WindowSection conversation={conversation} />
      <Assignee conversation={conversation} mayAct={mayAct} />
      <Labels conversation={conversation} mayAct={mayAct} />
      <Products messages={messages} />
      {conversation.source && <SourceSection source={conversation.source} />}
      <section className="in-panel-part" aria-label={t("panel.contact")}>
        <h3>{t("panel.contact")}</h3>
        <dl className="in-facts">
          {facts
            .filter(([, value]) => value !== "")
            .map(([term, value]) => (
              <div key={term}>
                <dt>{term}</dt>
                <dd>
                  <bdi>{value}</bdi>
                </dd>
              </div>
            ))}
        </dl>
        <NotLoaded query={channels} text={t("panel.channelsFailed")} />
      </section>
      {manages && <EraseContact contactId={contact.id} name={name} />}
    </aside>
  );
}

const MOST_PRODUCTS = 6;

/** What the assistant's latest answers rest on, each product once with its latest score. */
function Products({ messages }: { messages: readonly Message[] }) {
  const { t } = useTranslation("inbox");
  const products = useMemo(() => usedProducts(messages), [messages]);
  return (
    <section className="in-panel-part" aria-label={t("panel.products")}>
      <h3>{t("panel.products")}</h3>
      {products.length === 0 ? (
        <p className="in-quiet">{t("panel.noProducts")}</p>
      ) : (
        <UsedProducts products={products} />
      )}
    </section>
  );
}

function usedProducts(messages: readonly Message[]): UsedProduct[] {
  const found = new Map<string, UsedProduct>();
  for (const { provenance } of messages.toReversed()) {
    for (const product of provenance?.products ?? []) {
      if (found.size < MOST_PRODUCTS && !found.has(product.id)) found.set(product.id, product);
    }
  }
  return [...found.values()];
}
