import type { ClientAuthenticator } from "../authentication.ts";
import { readSecret, type SecretSource } from "./secret-source.ts";

/** `Authorization: Basic …`. An `Authorization` that the request has already stays. */
export function basicCredentials(username: SecretSource | undefined, password: SecretSource | undefined): ClientAuthenticator {
  return authorization(async () => {
    const user = username === undefined ? "" : await readSecret(username, "the username");
    const secret = password === undefined ? "" : await readSecret(password, "password_file");
    return basicAuthorization(user, secret);
  });
}

/** `Authorization: <type> <credentials>`. */
export function authorizationCredentials(type: string, credentials: SecretSource | undefined): ClientAuthenticator {
  return authorization(async () => {
    const secret = credentials === undefined ? "" : await readSecret(credentials, "the file with the credentials");
    return `${type} ${secret}`;
  });
}

export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function authorization(value: () => Promise<string>): ClientAuthenticator {
  return {
    requiresTls: true,
    async authenticate({ headers }) {
      if (!headers.has("authorization")) headers.set("authorization", await value());
    },
  };
}
