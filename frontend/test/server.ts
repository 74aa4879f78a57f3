import { setupServer } from "msw/node";

/** Every test says itself what the server answers; anything else fails the test. */
export const server = setupServer();
