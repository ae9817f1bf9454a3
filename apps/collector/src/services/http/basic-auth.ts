import { createHash, timingSafeEqual } from "node:crypto";
import type { Secret } from "@invar/alloy-syntax";

export interface BasicAuth {
  readonly username: string;
  readonly password: Secret;
  /** Path prefixes that need authentication, or with `isException` those that don't; undefined: every path needs it. */
  readonly filter: { readonly prefixes: readonly string[]; readonly isException: boolean } | undefined;
}

/** Whether a request for `path` may pass. */
export function isAllowed(auth: BasicAuth, path: string, authorization: string | undefined): boolean {
  if (!needsAuthentication(auth, path)) return true;
  const match = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? "");
  const credentials = Buffer.from(match?.[1] ?? "", "base64").toString("utf8");
  return sameText(credentials, `${auth.username}:${auth.password.reveal()}`);
}

function needsAuthentication({ filter }: BasicAuth, path: string): boolean {
  if (filter === undefined) return true;
  const matches = filter.prefixes.some((prefix) => path.startsWith(prefix));
  return filter.isException ? !matches : matches;
}

/** Compares digests, so that neither length nor content shows in the time it takes. */
function sameText(left: string, right: string): boolean {
  const digest = (value: string) => createHash("sha256").update(value).digest();
  return timingSafeEqual(digest(left), digest(right));
}
