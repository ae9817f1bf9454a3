import { createHash, timingSafeEqual } from "node:crypto";
import bcrypt from "bcryptjs";
import { sameText } from "../../../../transport/credentials/same-text.ts";
import { md5Crypt, shaCrypt } from "./unix-crypt.ts";

/** Whether a password belongs to what stands behind the colon in an `htpasswd` file: a hash of any of its kinds, or the password itself. */
export async function matchesHash(password: string, hash: string): Promise<boolean> {
  if (/^\$2[aby]?\$/.test(hash)) return bcrypt.compare(password, hash);
  const [, magic, md5Salt] = /^(\$apr1\$|\$1\$)([^$]*)\$/.exec(hash) ?? [];
  if (magic !== undefined) return sameText(md5Crypt(password, magic as "$1$" | "$apr1$", md5Salt ?? ""), hash);
  const [, kind, rounds, shaSalt] = /^\$([56])\$(?:rounds=(\d+)\$)?([^$]*)\$/.exec(hash) ?? [];
  if (kind !== undefined)
    return sameText(shaCrypt(password, kind === "5" ? 256 : 512, shaSalt ?? "", rounds === undefined ? undefined : Number(rounds)), hash);
  if (hash.startsWith("{SHA}")) return sameText(`{SHA}${createHash("sha1").update(password).digest("base64")}`, hash);
  if (hash.startsWith("{SSHA}")) return matchesSaltedSha(password, Buffer.from(hash.slice(6), "base64"));
  return sameText(password, hash);
}

/** A SHA-1 of password and salt, and then the salt. */
function matchesSaltedSha(password: string, data: Buffer): boolean {
  const hash = data.subarray(0, 20);
  const computed = createHash("sha1").update(password).update(data.subarray(20)).digest();
  return hash.length === computed.length && timingSafeEqual(hash, computed);
}
