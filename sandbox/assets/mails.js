"use strict";

// The mail page: asks every two seconds, and shows what came as text only.

const EVERY_MS = 2000;
let shown = "";

function part(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

// The text with its addresses to click on.
function written(text) {
  const element = part("pre", "text", "");
  for (const piece of text.split(/(https?:\/\/\S+)/)) {
    if (/^https?:\/\//.test(piece)) {
      const link = part("a", "", piece);
      link.href = piece;
      link.rel = "noreferrer";
      element.append(link);
    } else {
      element.append(piece);
    }
  }
  return element;
}

function mail(item) {
  const entry = document.createElement("li");
  const at = new Date(item.at).toLocaleString("vi");
  entry.append(part("h3", "subject", item.subject), part("p", "about", `${at} · ${item.to.join(", ")}`), written(item.text));
  return entry;
}

function code(item) {
  const entry = document.createElement("li");
  entry.append(part("span", "code", item.code.replace(/(\d{3})/, "$1 ")), part("p", "about", `${item.account} · ${item.expires_in} s`));
  return entry;
}

async function items(path) {
  const answer = await fetch(path, { cache: "no-store" });
  return (await answer.json()).items;
}

async function look() {
  try {
    const [mails, codes] = await Promise.all([items("/sandbox/mails"), items("/sandbox/codes")]);
    document.getElementById("codes").hidden = codes.length === 0;
    document.getElementById("code-list").replaceChildren(...codes.map(code));
    document.getElementById("empty").hidden = mails.length > 0;
    // Drawn anew only when something came, so that a selection stays.
    const now = mails.map((item) => item.id).join();
    if (now !== shown) {
      shown = now;
      document.getElementById("mail-list").replaceChildren(...mails.map(mail));
    }
  } catch {
    // The sandbox is gone or restarts; the next look tells.
  }
  setTimeout(look, EVERY_MS);
}

look();
