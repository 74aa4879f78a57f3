import { randomUUID } from "node:crypto";
import { openSync } from "node:fs";
import { join } from "node:path";
import type { Channel, Conversation, Message, Product, Session } from "@/api/gen/model";
import type { FreePage, RunFile } from "../house/house.ts";
import { psql, quoted } from "../house/psql.ts";
import { Api, eventually } from "./api.ts";
import { Sandbox } from "./sandbox.ts";
import { Authenticator } from "./totp.ts";

export const PASSWORD = "mat khau rat dai 123";

/** Pages of people who log in at Meta's stand-in: only tests of that login connect them. */
const PEOPLES = /^(1002003004|1784140010)/;

/** Somebody who can log in, with the cookie of a session nobody uses yet. */
export interface Person {
  email: string;
  password: string;
  session: Session;
  cookie: string | null;
  /** Gives the codes that their logins need. */
  authenticator?: Authenticator;
}

interface List<T> {
  items: T[];
  next_cursor: string | null;
}

interface Credentials {
  email: string;
  password: string;
  code?: string;
}

/** Logs somebody in, or takes up a registration. */
async function begin(api: Api, path: string, body: Credentials): Promise<Person> {
  const answer = await api.call("POST", path, body);
  const session: Session = await answer.json();
  const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? null;
  return { email: body.email, password: body.password, session, cookie };
}

export async function login(
  base: string,
  email: string,
  password: string,
  authenticator?: Authenticator,
): Promise<Person> {
  if (authenticator === undefined) return begin(new Api(base), "/api/auth/login", { email, password });
  const code = await authenticator.code();
  return { ...(await begin(new Api(base), "/api/auth/login", { email, password, code })), authenticator };
}

/** The demo's platform admin. */
export function platformAdmin(run: RunFile, home: string): Promise<Person> {
  const admin = run.logins.find(({ role }) => role === "admin");
  if (!admin?.totp_secret) throw new Error("the demo has no platform admin with codes");
  return login(run.api_url, admin.email, admin.password, new Authenticator(home, admin.totp_secret));
}

/** A business of its own, and what a test does to it behind the screens. */
export class Shop {
  readonly owner: Person;
  readonly api: Api;
  readonly sandbox: Sandbox;
  readonly #run: RunFile;
  readonly #home: string;

  constructor(run: RunFile, home: string, owner: Person) {
    this.#run = run;
    this.#home = home;
    this.owner = owner;
    this.api = new Api(run.api_url, owner.session.access_token);
    this.sandbox = new Sandbox(run.sandbox_url);
  }

  static async register(run: RunFile, home: string, name = "Tiệm Thử Nghiệm"): Promise<Shop> {
    const body = {
      email: newEmail(),
      password: PASSWORD,
      business_name: name,
      business_description: "Bán quần áo và đồ gia dụng",
      phone: "0901234567",
    };
    return new Shop(run, home, await begin(new Api(run.api_url), "/api/auth/register", body));
  }

  /** A business that is there already. */
  static async of(run: RunFile, home: string, email: string, password: string): Promise<Shop> {
    return new Shop(run, home, await login(run.api_url, email, password));
  }

  /** A page that nobody has connected or will. */
  freePage(platform: FreePage["platform"] = "facebook"): FreePage {
    const page = this.#run.connectable.find(
      (one) => one.platform === platform && !PEOPLES.test(one.page_id) && this.#take(one.page_id),
    );
    if (page === undefined) throw new Error("there is no free page left: raise SANDBOX_PAGES");
    return page;
  }

  #take(pageId: string): boolean {
    try {
      openSync(join(this.#home, "taken", pageId), "wx");
      return true;
    } catch {
      return false;
    }
  }

  /** Connects a page of its own. */
  async connect(platform: FreePage["platform"] = "facebook"): Promise<FreePage & { channel: Channel }> {
    const page = this.freePage(platform);
    const body = { page_id: page.page_id, access_token: page.access_token };
    return { ...page, channel: await this.api.post<Channel>(`/api/channels/${platform}`, body) };
  }

  product(name: string, price: string, more: object = {}): Promise<Product> {
    const body = { name, description: `${name}, hàng đẹp`, price, status: "available", ...more };
    return this.api.post("/api/products", body);
  }

  /** Adds somebody who works here. */
  async colleague(name: string, role: "manager" | "agent" | "viewer" = "agent"): Promise<Person> {
    const email = newEmail();
    await this.api.post("/api/members", { email, password: PASSWORD, member_role: role, name });
    return login(this.#run.api_url, email, PASSWORD);
  }

  /** The assistant leaves every new conversation to people. */
  async withoutAssistant(): Promise<void> {
    await this.api.put("/api/assistant/settings", { ai_enabled_by_default: false });
  }

  /** A customer writes; their conversation, once the message is in it. */
  async hears(page: FreePage, customer: string, text: string): Promise<Conversation> {
    await this.sandbox.write(page.page_id, customer, text);
    return eventually(`“${text.slice(0, 40)}” has arrived`, async () => {
      const { items } = await this.api.get<List<Conversation>>("/api/conversations?limit=200");
      const mine = items.find((one) => one.contact.platform_user_id === customer);
      if (mine === undefined) return null;
      return (await this.messages(mine)).some(({ content }) => content === text) ? mine : null;
    });
  }

  /** Names a customer, once the stand-in's own name for them has come, which would overwrite it. */
  async name(customer: string, name: string): Promise<void> {
    const { database_url: url } = this.#run;
    const mine = `where platform_user_id = ${quoted(customer)}`;
    await eventually(`${name} is known`, async () => {
      const known = `select 1 from inbox.contacts ${mine} and display_name <> ''`;
      return (await psql(url, known)) === "" ? null : true;
    });
    await psql(url, `update inbox.contacts set display_name = ${quoted(name)}, profile_pic_url = '' ${mine}`);
  }

  /** The newest messages, newest first. */
  async messages({ id }: { id: string }): Promise<Message[]> {
    const { items } = await this.api.get<List<Message>>(`/api/conversations/${id}/messages?limit=200`);
    return items;
  }

  async conversation(id: string): Promise<Conversation> {
    return this.api.get(`/api/conversations/${id}`);
  }
}

export function newEmail(): string {
  return `${randomUUID()}@shop.example`;
}

let customers = 0;

/** A customer's id that nobody else has: many may be wanted within a millisecond. */
export function newCustomer(): string {
  customers += 1;
  return `61${Date.now()}${String(customers).padStart(4, "0")}`;
}
