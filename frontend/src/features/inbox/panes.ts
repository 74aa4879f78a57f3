import type { Bounds } from "./Resizer";

export const LIST_PX: Bounds = { name: "inbox.list", least: 280, most: 520, usual: 350 };
export const PANEL_PX: Bounds = { name: "inbox.panel", least: 260, most: 460, usual: 310 };
