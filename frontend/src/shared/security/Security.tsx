import { Password } from "./Password";
import { Sessions } from "./Sessions";
import { Totp } from "./Totp";
import "../ui/rows.css";

/** How somebody gets in: the same for the people of a shop and for platform admins. */
export function Security() {
  return (
    <div className="cd-stack">
      <Password />
      <Totp />
      <Sessions />
    </div>
  );
}
