"use strict";

// The customer's phone; its words are in words.js, one message's look in message.js. Everything a person wrote is shown through textContent only.

const WAIT_MS = 20000;
const PATIENCE_MS = 30000;
const GAP_MS = 10 * 60 * 1000;

const $ = (id) => document.getElementById(id);
const stored = (key) => { try { return localStorage.getItem(`phone.${key}`); } catch { return null; } };
const store = (key, value) => { try { localStorage.setItem(`phone.${key}`, value); } catch { /* A private window keeps nothing. */ } };
const asked = new URLSearchParams(location.search);

const view = {
  lang: asked.get("lang") || stored("lang") || "vi",
  pages: [],
  page: null,
  customer: null,
  version: 0,
  items: new Map(),
  pending: [],
  typingUntil: 0,
  seenAt: 0,
  subscribed: true,
  connected: true,
  reader: null,
  timer: 0,
  atEnd: true,
};
if (!TEXTS[view.lang]) view.lang = "vi";

const text = (key) => TEXTS[view.lang][key];

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...word][0]).join("").toLocaleUpperCase("vi");
}

function element(tag, className, content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}

// What does not change with the conversation

function translate() {
  document.documentElement.lang = view.lang;
  document.title = text("document");
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
  $("text").placeholder = text("placeholder");
  $("send").setAttribute("aria-label", text("send"));
  const lang = $("lang");
  lang.textContent = text("other");
  lang.lang = view.lang === "vi" ? "en" : "vi";
  lang.setAttribute("aria-label", text("otherLabel"));
  drawChoices();
  drawShop();
  drawChips();
  draw();
}

function drawChoices() {
  const pages = $("page");
  pages.replaceChildren();
  for (const [platform, title] of [["facebook", "Facebook"], ["instagram", "Instagram"]]) {
    const group = element("optgroup");
    group.label = title;
    for (const page of view.pages.filter((one) => one.platform === platform)) {
      const label = page.subscribed ? page.name : `${page.name} (${text("notConnected")})`;
      const option = element("option", "", label);
      option.value = page.page_id;
      option.selected = view.page !== null && page.page_id === view.page.page_id;
      group.append(option);
    }
    if (group.childElementCount > 0) pages.append(group);
  }
  const customers = $("customer");
  customers.replaceChildren();
  for (const customer of view.page ? view.page.customers : []) {
    const option = element("option", "", customer.name);
    option.value = customer.id;
    option.selected = view.customer !== null && customer.id === view.customer.id;
    customers.append(option);
  }
}

function drawShop() {
  const page = view.page;
  $("phone").dataset.platform = page ? page.platform : "facebook";
  $("shop").textContent = page ? page.name : "";
  const mark = page ? initials(page.name) : "";
  for (const id of ["avatar", "welcome-avatar", "typing-avatar"]) $(id).textContent = mark;
  $("welcome-name").textContent = page ? page.name : "";
  $("welcome-kind").textContent = page ? text(page.platform) : "";
}

function drawChips() {
  const chips = $("chips");
  chips.replaceChildren();
  if (!view.page || view.items.size + view.pending.length > 0) return;
  for (const question of text("chips")) {
    const chip = element("button", "", question);
    chip.type = "button";
    chip.addEventListener("click", () => { write(question); $("text").focus(); });
    chips.append(chip);
  }
}

// The conversation

function messages() {
  const known = [...view.items.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.n - b.n);
  const waiting = view.pending.filter((one) => !one.mid || !view.items.has(one.mid));
  return known.concat(waiting.map((one) => ({ ...one, from: "customer", pending: one })));
}

function timeLabel(at) {
  const date = new Date(at);
  const clock = date.toLocaleTimeString(view.lang === "vi" ? "vi-VN" : "en-GB", { hour: "2-digit", minute: "2-digit" });
  if (date.toDateString() === new Date().toDateString()) return `${text("today")} ${clock}`;
  const day = date.toLocaleDateString(view.lang === "vi" ? "vi-VN" : "en-GB", { day: "numeric", month: "long" });
  return `${day}, ${clock}`;
}

function draw() {
  const scroll = $("scroll");
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const list = messages();
  const rows = [];
  list.forEach((message, at) => {
    const before = list[at - 1];
    const after = list[at + 1];
    const time = Date.parse(message.at);
    const gap = (one, other) => !one || !other || Math.abs(Date.parse(one.at) - Date.parse(other.at)) > GAP_MS;
    const split = (one, other) => gap(one, other) || one.from !== other.from;
    if (gap(before, message)) rows.push(element("li", "time", timeLabel(time)));
    rows.push(row(message, split(before, message), split(message, after), at === list.length - 1));
  });
  $("log").replaceChildren(...rows, ...quickReplies(list[list.length - 1]));
  $("welcome").hidden = list.length > 0 || !view.page;

  const newest = list[list.length - 1];
  const reachable = newest && !newest.pending && newest.from === "customer" && !newest.is_unsent && !["lost", "unsubscribed"].includes(newest.state);
  const waited = reachable ? Date.now() - Date.parse(newest.at) : 0;
  const typing = Date.now() < view.typingUntil || (reachable && waited < PATIENCE_MS);
  $("typing").hidden = !typing;
  $("late").hidden = typing || !reachable;
  clearTimeout(view.timer);
  if (typing) view.timer = setTimeout(draw, Math.max(250, Math.min(PATIENCE_MS - waited, 5000)));

  const status = $("status");
  const platform = view.page && view.page.platform === "instagram" ? "Instagram" : "Facebook";
  status.textContent = view.page ? `${platform} · ${text(view.subscribed ? "online" : "offline")}` : "";
  status.classList.toggle("off", !view.subscribed);
  const trouble = !view.connected ? "lostConnection" : !view.page ? "noPages" : view.subscribed ? "" : "unsubscribedPage";
  $("notice").hidden = trouble === "";
  if (trouble && $("notice").textContent !== text(trouble)) $("notice").textContent = text(trouble);
  view.atEnd = atEnd;
  if (atEnd) scroll.scrollTop = scroll.scrollHeight;
}

// Talking with the sandbox

async function call(method, path, body, signal) {
  const options = { method, signal };
  if (body) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

async function loadPages() {
  view.pages = (await call("GET", "/sandbox/pages")).items.filter((page) => page.customers.length > 0);
  const of = (id) => view.pages.find((page) => page.page_id === id);
  const current = view.page && of(view.page.page_id);
  const page = current || of(asked.get("page")) || of(stored("page")) || view.pages.find((one) => one.subscribed) || view.pages[0];
  if (!page) return draw();
  if (current) {
    view.page = current;
    return drawChoices();
  }
  return choose(page, asked.get("customer") || stored("customer"));
}

function choose(page, customerId) {
  view.page = page;
  view.customer = page.customers.find((one) => one.id === customerId) || page.customers[0];
  view.version = 0;
  view.items.clear();
  view.pending = [];
  view.typingUntil = 0;
  view.seenAt = 0;
  view.subscribed = page.subscribed;
  store("page", page.page_id);
  store("customer", view.customer.id);
  drawChoices();
  drawShop();
  drawChips();
  draw();
  follow();
}

async function follow() {
  if (view.reader) view.reader.abort();
  const reader = new AbortController();
  view.reader = reader;
  let pause = 500;
  while (!reader.signal.aborted) {
    const path = `/sandbox/threads/${view.page.page_id}/${view.customer.id}?after=${view.version}&wait_ms=${WAIT_MS}`;
    try {
      const change = await call("GET", path, null, reader.signal);
      if (reader.signal.aborted) return;
      view.version = change.version;
      for (const item of change.items) view.items.set(item.mid, item);
      view.typingUntil = Date.now() + change.typing_ms;
      view.seenAt = change.seen_at ? Date.parse(change.seen_at) : 0;
      const wasSubscribed = view.subscribed;
      view.subscribed = change.subscribed;
      view.connected = true;
      pause = 500;
      view.pending = view.pending.filter((one) => !one.mid || !view.items.has(one.mid));
      drawChips();
      draw();
      if (wasSubscribed !== view.subscribed) loadPages().catch(() => {});
    } catch (error) {
      if (reader.signal.aborted) return;
      view.connected = false;
      draw();
      await new Promise((wake) => setTimeout(wake, pause));
      pause = Math.min(pause * 2, 8000);
    }
  }
}

function write(content) {
  const message = content.trim();
  if (!message || !view.customer) return;
  const pending = { text: message, at: new Date().toISOString(), mid: null, failed: false };
  view.pending.push(pending);
  $("scroll").scrollTop = $("scroll").scrollHeight;
  post(pending);
}

// A button was tapped: the sandbox writes what the customer said by it.
async function happen(event) {
  try {
    const body = { page_id: view.page.page_id, ...event };
    await call("POST", `/sandbox/customers/${view.customer.id}/events`, body);
  } catch {
    view.connected = false;
    draw();
  }
}

function sendPicture(file) {
  if (!view.customer) return;
  const shown = [{ type: "image", url: URL.createObjectURL(file) }];
  const pending = { text: "", attachments: shown, file, at: new Date().toISOString(), mid: null, failed: false };
  view.pending.push(pending);
  post(pending);
}

async function upload(file) {
  const answer = await fetch("/sandbox/media", { method: "POST", headers: { "Content-Type": file.type }, body: file });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

async function post(pending) {
  pending.failed = false;
  const [page_id, customer] = [view.page.page_id, view.customer.id];
  drawChips();
  draw();
  $("scroll").scrollTop = $("scroll").scrollHeight;
  try {
    const body = { page_id, text: pending.text };
    if (pending.file) body.attachments = [await upload(pending.file)];
    pending.mid = (await call("POST", `/sandbox/customers/${customer}/messages`, body)).mid;
  } catch {
    pending.failed = true;
  }
  draw();
}

// What the customer does

function fit() {
  const field = $("text");
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight + 2, 132)}px`;
  $("send").disabled = field.value.trim() === "";
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = $("text");
  write(field.value);
  field.value = "";
  fit();
  field.focus();
});

$("picture").addEventListener("change", (event) => {
  for (const file of event.target.files) sendPicture(file);
  event.target.value = "";
});

$("text").addEventListener("input", fit);
$("text").addEventListener("keydown", (event) => {
  // Enter may also end a composition, as Vietnamese typing aids use it.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (!$("send").disabled) $("composer").requestSubmit();
  }
});

$("page").addEventListener("change", (event) => {
  const page = view.pages.find((one) => one.page_id === event.target.value);
  if (page) choose(page, null);
});
$("customer").addEventListener("change", (event) => choose(view.page, event.target.value));
$("lang").addEventListener("click", () => {
  view.lang = view.lang === "vi" ? "en" : "vi";
  store("lang", view.lang);
  translate();
});
window.addEventListener("focus", () => { loadPages().catch(() => {}); });

async function start() {
  translate();
  for (let pause = 500; ; pause = Math.min(pause * 2, 8000)) {
    try {
      await loadPages();
      view.connected = true;
      draw();
      return;
    } catch {
      view.connected = false;
      draw();
      await new Promise((wake) => setTimeout(wake, pause));
    }
  }
}

fit();
start();
