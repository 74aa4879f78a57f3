/** A caller of the REST API, or of the stand-in's own. */
export class Api {
  readonly base: string;
  readonly #token: string | null;

  constructor(base: string, token: string | null = null) {
    this.base = base;
    this.#token = token;
  }

  get<T>(path: string): Promise<T> {
    return this.#json("GET", path);
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.#json("POST", path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#json("PUT", path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.#json("PATCH", path, body);
  }

  /** The answer to a call that must succeed. */
  async call(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = new Headers();
    if (this.#token !== null) headers.set("authorization", `Bearer ${this.#token}`);
    if (body !== undefined) headers.set("content-type", "application/json");
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${this.base}${path}`, { method, headers, ...sent });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  async #json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const text = await (await this.call(method, path, body)).text();
    return JSON.parse(text === "" ? "null" : text);
  }
}

/** Asks until there is an answer; for what happens behind the screens. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null | undefined>,
  patience = 30_000,
): Promise<T> {
  const until = Date.now() + patience;
  while (Date.now() < until) {
    const found = await ask();
    if (found !== null && found !== undefined) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`waited in vain until ${what}`);
}
