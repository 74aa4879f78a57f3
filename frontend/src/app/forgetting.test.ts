import { expect, it } from "vitest";
import { begin, end } from "@/api/session";
import { draftOf, writeDraft } from "@/features/inbox/compose/drafts";
import { aSession } from "../../test/builders";
import { forgetOnLeaving } from "./forgetting";

it("forgets the drafts of whoever leaves, and keeps them when the session ends by itself", () => {
  const stop = forgetOnLeaving();
  begin(aSession("t"), Date.now());
  writeDraft("c1", "reply", { text: "Dạ" }, null);
  dispatchEvent(new Event("pagehide"));
  end("ended");
  begin(aSession("t"), Date.now());
  expect(draftOf("c1", "reply")?.text).toBe("Dạ");
  localStorage.setItem("cd.draft.somebody-else.c1.reply", "{}");
  writeDraft("c2", "note", { text: "Khách quen" }, null);
  end("left");
  expect(Object.keys(localStorage)).toEqual(["cd.draft.somebody-else.c1.reply"]);
  begin(aSession("t"), Date.now());
  expect(draftOf("c1", "reply")).toBeNull();
  stop();
});
