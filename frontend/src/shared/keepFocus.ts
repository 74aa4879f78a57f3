import type { MouseEvent } from "react";

/**
 * For the mouse going down on a button at the lower edge of a page: the focus stays in the field. Else, on a phone, the bar of pages
 * comes back as the field loses it, and pushes the button away under the finger before it is pressed.
 */
export function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}
