import { Deletion } from "./Deletion";
import { Exports } from "./Exports";

/** The shop's data taken along, and the shop deleted. */
export function Privacy() {
  return (
    <div className="cd-stack">
      <Exports />
      <Deletion />
    </div>
  );
}
