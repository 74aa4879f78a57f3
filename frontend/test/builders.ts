import type { Problem, Session, User } from "@/api/gen/model";

const AT = "2026-11-22T08:30:00.000Z";

export function aUser(over: Partial<User> = {}): User {
  return {
    id: "0198f000-0000-7000-8000-000000000001",
    email: "chu@shop.test",
    name: "Chủ shop",
    role: "business",
    member_role: "owner",
    business_id: "0198f000-0000-7000-8000-0000000000b1",
    business_name: "Shop thử",
    time_zone: "Asia/Ho_Chi_Minh",
    has_totp: false,
    is_visitor: false,
    created_at: AT,
    updated_at: AT,
    ...over,
  };
}

export function aSession(token: string, over: Partial<Session> = {}): Session {
  return { access_token: token, expires_in: 600, user: aUser(), ...over };
}

export function aProblem(status: number, code: string, over: Partial<Problem> = {}): Problem {
  return {
    type: "about:blank",
    title: "",
    status,
    code,
    detail: "",
    request_id: "req-1",
    errors: [],
    ...over,
  };
}
