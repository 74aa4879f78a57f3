/** For what takes the place of the form that had the focus: whoever hears or tabs through the page goes on there. */
export function takeFocus(element: HTMLElement | null): void {
  element?.focus();
}
