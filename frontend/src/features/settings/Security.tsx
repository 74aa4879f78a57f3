import { Password } from "./Password";
import { Sessions } from "./Sessions";

export function Security() {
  return (
    <div className="cd-stack">
      <Password />
      <Sessions />
    </div>
  );
}
