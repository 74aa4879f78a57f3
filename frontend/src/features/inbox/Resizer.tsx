import type { KeyboardEvent, PointerEvent } from "react";
import { setPane, usePreferences } from "@/shared/preferences";

export interface Bounds {
  name: string;
  least: number;
  most: number;
  usual: number;
}

interface Props {
  bounds: Bounds;
  label: string;
  /** On which side of the pane it stands. */
  growsTo: "end" | "start";
}

const STEP_PX = 16;

/** A line between panes that can be dragged, or moved with the arrow keys. The width is remembered. */
export function Resizer({ bounds, label, growsTo }: Props) {
  const width = usePreferences((state) => state.panes[bounds.name] ?? bounds.usual);
  const sign = growsTo === "end" ? 1 : -1;
  const set = (next: number) =>
    setPane(bounds.name, Math.round(Math.min(bounds.most, Math.max(bounds.least, next))));
  const drag = (event: PointerEvent<HTMLElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) set(width + sign * event.movementX);
  };
  const press = (event: KeyboardEvent) => {
    const by = { ArrowRight: STEP_PX, ArrowLeft: -STEP_PX }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    set(width + sign * by);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an hr cannot be moved
    <div
      role="separator"
      tabIndex={0}
      className="in-resizer"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={bounds.least}
      aria-valuemax={bounds.most}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onDoubleClick={() => set(bounds.usual)}
      onKeyDown={press}
    />
  );
}
