import {
  login as askLogin,
  logout as askLogout,
  logoutEverywhere as askLogoutEverywhere,
  register as askRegister,
} from "./gen/auth/auth";
import type { Login, Register } from "./gen/model";
import { exclusively } from "./lock";
import { ended, started } from "./renew";
import { endVisit, visit } from "./visit";
import { CSRF } from "./wire";

export async function login(wish: Login): Promise<void> {
  started(await askLogin(wish));
}

export async function register(wish: Register): Promise<void> {
  started(await askRegister(wish));
}

/** Ends this browser's session. Without an answer it stays, so that nobody believes to be out who is not. */
export async function logout(): Promise<void> {
  if (visit() !== null) return endVisit();
  // Not while the session is being renewed: the cookie that would be ended is not the one that comes back.
  await exclusively("refresh", () => askLogout({ headers: CSRF }));
  ended("left");
}

/** Ends all of the person's sessions. */
export async function logoutEverywhere(): Promise<void> {
  if (visit() !== null) return endVisit();
  await askLogoutEverywhere();
  ended("left");
}
