import { Api, eventually } from "./api.ts";

interface SentItem {
  page_id: string;
  recipient_id: string;
  text?: string | null;
  attachments?: { type: string; url: string; name?: string }[];
}

interface Letter {
  to: string[];
  subject: string;
  text: string;
}

export interface Fault {
  target: "graph" | "instagram" | "groq" | "webhook";
  kind: "status" | "delay" | "cut_before" | "cut_after" | "duplicate" | "drop_echo" | "echo_first";
  status?: number;
  code?: number;
  delay_ms?: number;
  count?: number;
  call?: "send" | "page" | "profile" | "upload" | "any";
}

/** Meta's stand-in: customers write here, and here one sees what they got. */
export class Sandbox {
  readonly #api: Api;
  readonly url: string;

  constructor(url: string) {
    this.url = url;
    this.#api = new Api(url);
  }

  async write(pageId: string, customerId: string, text: string, files: { type: string; url: string }[] = []) {
    const body = { page_id: pageId, text, attachments: files };
    await this.#api.post(`/sandbox/customers/${customerId}/messages`, body);
  }

  /** Keeps a file as a customer would send it. */
  async keep(contentType: string, bytes: Uint8Array<ArrayBuffer>): Promise<{ type: string; url: string }> {
    const headers = { "content-type": contentType };
    const answer = await fetch(`${this.url}/sandbox/media`, { method: "POST", headers, body: bytes });
    if (!answer.ok) throw new Error(`the stand-in did not take the file: ${answer.status}`);
    return answer.json();
  }

  /** What the business sent this customer, oldest first. */
  async sentTo(pageId: string, customerId: string): Promise<SentItem[]> {
    return (await this.sentBy(pageId)).filter((item) => item.recipient_id === customerId);
  }

  /** What a page sent to anybody. */
  async sentBy(pageId: string): Promise<SentItem[]> {
    const { items } = await this.#api.get<{ items: SentItem[] }>("/sandbox/sent");
    return items.filter((item) => item.page_id === pageId);
  }

  /** The newest mail to somebody, once one has come that says this. */
  mailTo(address: string, saying: string): Promise<Letter> {
    return eventually(`a mail with “${saying}” has come`, async () => {
      const { items } = await this.#api.get<{ items: Letter[] }>("/sandbox/mails");
      return items.find(({ to, text }) => to.includes(address) && text.includes(saying));
    });
  }

  /** Where the link of such a mail leads to, in the app. */
  async linkTo(address: string, path: string): Promise<URL> {
    const { text } = await this.mailTo(address, `${path}#`);
    const [, link = ""] = new RegExp(`(\\S+${path}#\\S+)`).exec(text) ?? [];
    return new URL(link);
  }

  /** Something that happens to a page: `kind` says what. */
  async event(pageId: string, event: Record<string, unknown>): Promise<void> {
    await this.#api.post(`/sandbox/pages/${pageId}/events`, event);
  }

  /** Every token of a page dies, as when its person changes their password. */
  async revoke(pageId: string): Promise<void> {
    await this.#api.post("/sandbox/tokens/revoke", { page_id: pageId, subcode: 460 });
  }

  /** A person asks Meta to have their data deleted here; the code that they get. */
  async forgetPerson(personId: string): Promise<string> {
    const { answer } = await this.#api.post<{ answer: { confirmation_code: string } }>(
      `/sandbox/users/${personId}/delete`,
      {},
    );
    return answer.confirmation_code;
  }

  async order(fault: Fault): Promise<void> {
    await this.#api.put("/sandbox/faults", fault);
  }

  async mend(): Promise<void> {
    await this.#api.call("DELETE", "/sandbox/faults");
  }

  /** Where a customer writes by hand. */
  phone(pageId: string, customerId: string): string {
    return `${this.url}/phone?page=${pageId}&customer=${customerId}`;
  }
}
