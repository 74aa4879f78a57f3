import { expect, it } from "vitest";
import { focusNear } from "./focusNear";

it("gives the focus to a neighbour, and only when it would be lost", () => {
  document.body.innerHTML = `<main id="content" tabindex="-1"><ul><li><button>a</button></li><li><button>b</button></li></ul></main>`;
  const [first, second] = document.querySelectorAll("li");
  const [a, b] = document.querySelectorAll("button");
  b?.focus();
  focusNear(first ?? null);
  expect(b).toHaveFocus();
  focusNear(second ?? null);
  expect(a).toHaveFocus();
  second?.remove();
  focusNear(first ?? null);
  expect(document.getElementById("content")).toHaveFocus();
});
