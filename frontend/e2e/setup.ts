import { startHouse } from "./house/house.ts";

/** Starts the system once for all tests; what it gives back ends it. One that runs already, at E2E_HOME, is used as it is. */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env.E2E_HOME !== undefined) return async () => {};
  const house = await startHouse("../target/debug/chatdesk");
  // Tests run in processes of their own and learn from here where everything is.
  process.env.E2E_HOME = house.home;
  return house.stop;
}
