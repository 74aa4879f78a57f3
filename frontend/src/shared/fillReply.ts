/** The text of a saved reply for this customer. What is not known stays empty, without a double blank. */
export function fillReply(text: string, known: { name: string; shop: string }): string {
  return text
    .replace(/ ?\{name\}/giu, (found) => filled(found, known.name))
    .replace(/ ?\{shop\}/giu, (found) => filled(found, known.shop));
}

function filled(found: string, value: string): string {
  return value === "" ? "" : `${found.startsWith(" ") ? " " : ""}${value}`;
}
