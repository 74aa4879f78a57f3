"use strict";

// One message on the phone: its words, files, cards and answers to tap, and what became of it.

// Where a file of the sandbox's own is. Any other address was made up by somebody: it is named, never followed.
function ownPath(url) {
  try {
    const path = new URL(url, location.href).pathname;
    return path.startsWith("/sandbox/media/") ? `${path}?phone=1` : null;
  } catch {
    return null;
  }
}

function scrolled(picture) {
  picture.addEventListener("load", () => { if (view.atEnd) $("scroll").scrollTop = $("scroll").scrollHeight; });
  return picture;
}

function attachment(file) {
  const path = file.url.startsWith("blob:") ? file.url : ownPath(file.url);
  if (file.type === "image" && path) {
    const picture = element("img", "picture");
    picture.alt = file.name || text("picture");
    picture.src = path;
    return scrolled(picture);
  }
  const bubble = element("p", "bubble");
  const name = file.name || (path ? text("file") : file.url || file.type);
  if (path) {
    const link = element("a", "", name);
    link.href = path;
    link.target = "_blank";
    link.rel = "noopener";
    bubble.append(link);
  } else {
    bubble.textContent = name;
  }
  return bubble;
}

// The shop's card: its picture is fetched by the customer's phone, as at Meta.
function card(one) {
  const made = element("div", "card");
  const own = one.image_url && ownPath(one.image_url);
  if (own || (one.image_url || "").startsWith("https://")) {
    const picture = element("img", "");
    picture.alt = "";
    picture.referrerPolicy = "no-referrer";
    picture.src = own || one.image_url;
    picture.addEventListener("error", () => picture.remove());
    made.append(scrolled(picture));
  }
  made.append(element("strong", "", one.title));
  if (one.subtitle) made.append(element("span", "", one.subtitle));
  for (const button of (one.buttons || []).filter((each) => each.type === "postback")) {
    const tap = element("button", "", button.title);
    tap.type = "button";
    tap.addEventListener("click", () => happen({ kind: "postback", title: button.title, payload: button.payload }));
    made.append(tap);
  }
  return made;
}

function said(message) {
  if (message.is_unsent) return [element("p", "bubble gone", text("unsent"))];
  if (message.is_unsupported) return [element("p", "bubble gone", text("unsupported"))];
  const parts = (message.attachments || []).map(attachment);
  if ((message.cards || []).length > 0) {
    const cards = element("div", "cards");
    cards.append(...message.cards.map(card));
    parts.push(cards);
  }
  if (message.text || parts.length === 0) parts.unshift(element("p", "bubble", message.text));
  if (message.is_edited) parts.push(element("span", "state", text("edited")));
  if ((message.reactions || []).length > 0) {
    parts.push(element("span", "reactions", message.reactions.map((one) => one.emoji).join(" ")));
  }
  return parts;
}

function row(message, first, last, isNewest) {
  const mine = message.from === "customer";
  const item = element("li", `row ${mine ? "mine" : "theirs"}${first ? " first" : ""}${last ? " last" : ""}`);
  item.dataset.from = message.from;
  if (message.mid) item.dataset.mid = message.mid;
  if (!mine) {
    const avatar = element("span", "avatar small", view.page ? initials(view.page.name) : "");
    avatar.setAttribute("aria-hidden", "true");
    const body = element("div", "body");
    if (message.from === "human" && first) body.append(element("p", "label", text("human")));
    body.append(...said(message));
    item.append(avatar, body);
    return item;
  }
  item.append(...said(message));
  if (message.pending) {
    item.classList.add("pending");
    if (message.pending.failed) {
      const again = element("button", "again", text("failed"));
      again.type = "button";
      again.addEventListener("click", () => post(message.pending));
      item.append(again);
    } else {
      item.append(element("span", "state", text("sending")));
    }
  } else if (message.state === "lost" || isNewest) {
    const seen = isNewest && view.seenAt >= Date.parse(message.at) && message.state !== "lost";
    item.append(element("span", message.state === "lost" ? "state bad" : "state", text(seen ? "seen" : message.state)));
  }
  return item;
}

// Answers to tap stand under the newest message only, and go with the next one.
function quickReplies(newest) {
  const list = newest && newest.from !== "customer" && !newest.is_unsent ? newest.quick_replies || [] : [];
  const item = element("li", "replies");
  item.setAttribute("aria-label", text("quickReplies"));
  for (const reply of list) {
    const tap = element("button", "", reply.title);
    tap.type = "button";
    tap.addEventListener("click", () => happen({ kind: "quick_reply", text: reply.title, payload: reply.payload }));
    item.append(tap);
  }
  return list.length > 0 ? [item] : [];
}
