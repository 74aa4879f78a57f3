import { QueryClient } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { aConversation } from "../test/samples";
import { dropFromLists, forgetContact } from "./erased";
import { keys } from "./keys";

it("forgets a customer wherever something of them is kept, and nobody else", () => {
  const client = new QueryClient();
  const [theirs, other] = [aConversation({ id: "c1" }), aConversation({ id: "c2" })];
  const contact = { ...theirs.contact, id: "k-theirs" };
  const pages = [{ items: [{ ...theirs, contact }, other] }];
  const list = [...keys.lists, {}];
  client.setQueryData(list, { pages, pageParams: [null] });
  client.setQueryData(keys.one("c1"), { ...theirs, contact });
  client.setQueryData(keys.messages("c1"), { pages: [] });
  client.setQueryData(keys.messages("c2"), { pages: [] });
  forgetContact(client, "k-theirs");
  expect(client.getQueryData(list)).toMatchObject({ pages: [{ items: [{ id: "c2" }] }] });
  expect(client.getQueryData(keys.one("c1"))).toBeUndefined();
  expect(client.getQueryData(keys.messages("c1"))).toBeUndefined();
  expect(client.getQueryData(keys.messages("c2"))).toBeDefined();
  expect(dropFromLists(client, ({ id }) => id === "c1")).toEqual([]);
});
