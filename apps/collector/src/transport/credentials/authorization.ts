import type { ClientAuthenticator } from "../authentication.ts";
import { readSecret, type SecretSource } from "./secret-source.ts";

/** Whether an `Authorization` that the request has already stays, or gives way. */
export type Existing = "stays" | "gives way";

/** `Authorization: Basic …`. */
export function basicCredentials(
  username: SecretSource | undefined,
  password: SecretSource | undefined,
  existing: Existing = "stays",
): ClientAuthenticator {
  return authorization(existing, async () => {
    const user = username === undefined ? "" : await readSecret(username, "the username");
    const secret = password === undefined ? "" : await readSecret(password, "password_file");
    return basicAuthorization(user, secret);
  });
}

/** `Authorization: <type> <credentials>`, unless the request has one already. */
export function authorizationCredentials(type: string, credentials: SecretSource | undefined): ClientAuthenticator {
  return authorization("stays", async () => {
    const secret = credentials === undefined ? "" : await readSecret(credentials, "the file with the credentials");
    return `${type} ${secret}`;
  });
}

export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function authorization(existing: Existing, value: () => Promise<string>): ClientAuthenticator {
  return {
    requiresTls: true,
    async authenticate({ headers }) {
      if (existing === "gives way" || !headers.has("authorization")) headers.set("authorization", await value());
    },
  };
}
