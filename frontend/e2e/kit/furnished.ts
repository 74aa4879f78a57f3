// A shop in the middle of its day: everything that a screen can show is there once.
import type { Conversation, Label, Message, Product } from "@/api/gen/model";
import type { FreePage, RunFile } from "../house/house.ts";
import { psql, quoted } from "../house/psql.ts";
import { eventually } from "./api.ts";
import { dress } from "./png.ts";
import { newCustomer, newEmail, type Person, Shop } from "./shop.ts";

export interface Furnished {
  shop: Shop;
  colleague: Person;
  viewer: Person;
  /** The owner of another shop, which has nothing yet. */
  newcomer: Person;
  /** Where the link leads to that somebody was sent who is to work here. */
  invitation: string;
  page: FreePage;
  /** The conversation with a bit of everything. */
  open: Conversation;
  product: Product;
}

const GOODS: [string, string, object?][] = [
  [
    "Áo sơ mi lụa cổ vest",
    "320000",
    { extra_info: { Màu: ["Trắng", "Be", "Xanh rêu"], Size: ["S", "M", "L"] } },
  ],
  ["Váy suông linen", "450000", { extra_info: { Màu: ["Be", "Đen"], "Chất liệu": "Linen" } }],
  ["Quần tây ống suông", "380000"],
  [
    "Chân váy xếp ly",
    "290000",
    {
      category: "Chân váy",
      sku: "CV01",
      variants: [
        { name: "Đen / S", sku: "CV01-DEN-S", stock: 0, attributes: { Màu: "Đen", Size: "S" } },
        { name: "Be / M", sku: "CV01-BE-M", price: "310000", stock: 0, attributes: { Màu: "Be", Size: "M" } },
      ],
    },
  ],
  ["Áo khoác dạ dáng dài", "890000"],
];

/** Taught at last: until then some questions have no answer. */
const ENTRIES = [
  ["synonym", "somi, ao so mi, shirt", "áo sơ mi"],
  ["policy", "Đổi trả", "Đổi size trong 7 ngày nếu còn nguyên tem mác.\nKhông đổi hàng giảm giá."],
  ["faq", "Shop có gói quà không?", "Dạ shop gói quà miễn phí cho đơn từ 300.000 ₫ ạ."],
] as const;

const OTHERS: [string, string][] = [
  ["Trần Quốc Bảo", "Quần tây ống suông còn size L không shop?"],
  ["Lê Thu Hà", "Đơn của mình tới đâu rồi ạ?"],
  ["Phạm Gia Huy", "Cho mình gặp nhân viên với"],
  ["Vũ Ngọc Diệp", "Áo khoác dạ giá bao nhiêu vậy?"],
  ["Hoàng Anh Tuấn", "Shop có ship Cần Thơ không?"],
  ["Bùi Phương Thảo", "Cảm ơn shop, váy xinh lắm luôn 🥰"],
  ["Đặng Hải Nam", "Mình đổi size được không ạ?"],
];

export async function furnish(run: RunFile, home: string): Promise<Furnished> {
  const shop = await Shop.register(run, home, "Tiệm Chiều Gió");
  const [page, instagram, colleague, viewer] = await Promise.all([
    shop.connect(),
    shop.connect("instagram"),
    shop.colleague("Lan"),
    shop.colleague("Minh", "viewer"),
  ]);
  await rename(run, shop);
  await shop.api.put("/api/users/profile", { name: "Hoa" });
  const products = [];
  for (const [name, price, more] of GOODS.toReversed()) products.push(await shop.product(name, price, more));
  for (const [shortcut, text] of [
    ["chao", "Dạ {shop} chào {name}, mình cần tư vấn mẫu nào ạ?"],
    ["ship", "Shop giao toàn quốc trong 2–4 ngày, phí 30.000 ₫ ạ."],
    ["cam-on", "Cảm ơn {name} đã ủng hộ {shop}!"],
  ]) {
    await shop.api.post("/api/saved-replies", { shortcut, text });
  }
  await others(shop, [page, instagram], colleague);
  const open = await busy(shop, page);
  for (const [kind, title, body] of ENTRIES) await shop.api.post("/api/entries", { kind, title, body });
  const product = products.at(-1);
  if (product === undefined) throw new Error("there are no goods");
  const { owner: newcomer } = await Shop.register(run, home, "Tiệm Mới Mở");
  const invitation = await invited(shop);
  return { shop, colleague, viewer, newcomer, invitation, page, open, product };
}

async function invited(shop: Shop): Promise<string> {
  const email = newEmail();
  await shop.api.post("/api/team/invitations", { email, member_role: "agent", language: "vi" });
  const { pathname, hash } = await shop.sandbox.linkTo(email, "/invitation");
  return pathname + hash;
}

/** Pages of the stand-in have numbers for names. */
async function rename(run: RunFile, { owner }: Shop): Promise<void> {
  const tenant = quoted(owner.session.user.business_id ?? "");
  await psql(
    run.database_url,
    `update tenants.channels set page_name = 'Tiệm Chiều Gió' where tenant_id = ${tenant}`,
  );
}

async function others(shop: Shop, pages: FreePage[], { session }: Person): Promise<void> {
  const labels: Label[] = [];
  for (const [name, color] of [
    ["Khách quen", "green"],
    ["Đổi trả", "orange"],
    ["Giao hàng", "blue"],
  ]) {
    labels.push(await shop.api.post<Label>("/api/labels", { name, color }));
  }
  let at = 0;
  for (const [name, text] of OTHERS.toReversed()) {
    const [page] = pages.slice(at % pages.length);
    if (page === undefined) continue;
    const customer = newCustomer();
    const conversation = await shop.hears(page, customer, text);
    const { id } = conversation;
    await shop.name(customer, name);
    // What is done to it next must not meet the assistant at work.
    await answered(shop, conversation);
    const label = labels[at % 5];
    if (label !== undefined) await shop.api.patch(`/api/conversations/${id}`, { label_ids: [label.id] });
    if (at === 2) await shop.api.patch(`/api/conversations/${id}`, { assignee_id: session.user.id });
    if (at === 0) await shop.api.patch(`/api/conversations/${id}`, { status: "closed" });
    at += 1;
  }
}

/** A picture, an answer of the assistant, one of ours, one that failed, a note, labels, an assignee. */
async function busy(shop: Shop, page: FreePage): Promise<Conversation> {
  const customer = newCustomer();
  const conversation = await shop.hears(page, customer, "Chào shop ạ");
  await shop.name(customer, "Nguyễn Minh Anh");
  const { id } = conversation;
  await answered(shop, conversation);
  await shop.hears(page, customer, "Áo sơ mi lụa cổ vest giá bao nhiêu, có màu be không shop?");
  await answered(shop, conversation, /320\.000/);
  await shop.api.post(`/api/conversations/${id}/messages`, {
    text: "Dạ màu be bên em vừa về thêm, chị mặc size M là vừa đẹp ạ. Xem thêm ảnh: https://shop.example/so-mi-lua",
  });
  await eventually(
    "it was sent",
    async () => (await newest(shop, conversation, "business"))?.status === "sent" || null,
  );
  // Now that a person answers: the assistant hands a picture over, which comes alone where the machine is slow.
  const picture = await shop.sandbox.keep("image/png", dress());
  await shop.sandbox.write(page.page_id, customer, "", [picture]);
  await shop.hears(page, customer, "Vậy lấy mình 1 áo size M màu be nhé, ship về Đà Nẵng");
  await shop.sandbox.order({ target: "graph", kind: "status", status: 400, code: 999, call: "send" });
  await shop.api.post(`/api/conversations/${id}/messages`, { text: "Dạ em lên đơn cho chị ngay ạ!" });
  await eventually(
    "it failed",
    async () => (await newest(shop, conversation, "business"))?.status === "failed" || null,
  );
  await shop.api.post(`/api/conversations/${id}/notes`, { text: "Khách quen, ưu tiên giao trong ngày." });
  const { items } = await shop.api.get<{ items: Label[] }>("/api/labels");
  return shop.api.patch(`/api/conversations/${id}`, {
    label_ids: items.slice(0, 2).map((label) => label.id),
    assignee_id: shop.owner.session.user.id,
  });
}

async function newest(shop: Shop, conversation: Conversation, from: Message["sender_type"]) {
  return (await shop.messages(conversation)).find(({ sender_type }) => sender_type === from);
}

async function answered(shop: Shop, conversation: Conversation, text = /./): Promise<void> {
  const isThere = async () => {
    const answer = await newest(shop, conversation, "ai");
    return (answer?.status === "sent" && text.test(answer.content)) || null;
  };
  // It may still be learning the products.
  await eventually("the assistant has answered", isThere, 90_000);
}
