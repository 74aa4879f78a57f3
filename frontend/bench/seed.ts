import type { House } from "../e2e/house/house.ts";
import { psql } from "../e2e/house/psql.ts";
import { newCustomer, Shop } from "../e2e/kit/shop.ts";

export const CONVERSATIONS = 10_000;
export const MESSAGES = 5_000;

export interface Seeded {
  shop: Shop;
  pageId: string;
  customer: string;
  /** The conversation with all the messages. */
  conversation: string;
}

/** A shop with many conversations, one of them long. By SQL: customers of the stand-in would need half an hour. */
export async function seed({ run, home }: House): Promise<Seeded> {
  const shop = await Shop.register(run, home, "Tiệm Đo");
  await shop.withoutAssistant();
  const page = await shop.connect();
  const customer = newCustomer();
  const { id: conversation, channel_id: channel } = await shop.hears(page, customer, "Chào shop");
  const tenant = shop.owner.session.user.business_id;
  await psql(
    run.database_url,
    `
    create temporary table made as
      select n, gen_random_uuid() as contact, gen_random_uuid() as conversation, gen_random_uuid() as message,
        now() - make_interval(secs => n * 7) as at
      from generate_series(1, ${CONVERSATIONS - 1}) n;
    insert into inbox.contacts (tenant_id, id, channel_id, platform, platform_user_id, display_name, profile_at, created_at)
      select '${tenant}', contact, '${channel}', 'facebook', '62' || n, 'Khách số ' || n, at, at from made;
    insert into inbox.conversations (tenant_id, id, channel_id, contact_id, platform, ai_mode, unread_count, last_message_at,
        last_message_id, last_opening_at, last_arrival, created_at)
      select '${tenant}', conversation, '${channel}', contact, 'facebook', 'off', n % 3, at, message, at, 1, at from made;
    insert into inbox.messages (tenant_id, id, conversation_id, channel_id, arrival, mid, sender_type, content, status,
        platform_at, received_at)
      select '${tenant}', message, conversation, '${channel}', 1, 'made_' || n, 'contact', 'Cho mình hỏi mẫu số ' || n,
        'received', at, at from made;
    insert into inbox.messages (tenant_id, id, conversation_id, channel_id, arrival, mid, sender_type, content, status,
        platform_at, received_at)
      select '${tenant}', gen_random_uuid(), '${conversation}', '${channel}', -n, 'long_' || n,
        case when n % 3 = 0 then 'business' else 'contact' end,
        repeat('Dòng thứ ' || n || ' của câu chuyện. ', 1 + n % 7),
        case when n % 3 = 0 then 'sent' else 'received' end,
        now() - make_interval(secs => n * 40), now() - make_interval(secs => n * 40)
      from generate_series(1, ${MESSAGES - 1}) n;
    analyze inbox.conversations, inbox.messages, inbox.contacts`,
  );
  return { shop, pageId: page.page_id, customer, conversation };
}
