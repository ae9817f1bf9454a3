import type { Report } from "../../component/arguments.ts";
import type { AuthHandler, ClientAuthenticator, ServerAuthenticator } from "../authentication.ts";

/** Reports a handler that can't check requests. */
export function checkServerAuth(handler: AuthHandler | undefined, report: Report): void {
  if (handler !== undefined && handler.server === undefined)
    report(`component does not support server authentication: ${handler.id} has credentials for requests that are sent`, "auth");
}

/** Reports a handler that can't add credentials to requests. */
export function checkClientAuth(handler: AuthHandler | undefined, report: Report): void {
  if (handler !== undefined && handler.client === undefined)
    report(`component does not support client authentication: ${handler.id} checks requests that are received`, "auth");
}

/** Throws where the handler can't check requests: it may have been evaluated only now. */
export function serverAuth(handler: AuthHandler | undefined): ServerAuthenticator | undefined {
  if (handler !== undefined && handler.server === undefined)
    throw new Error(`component does not support server authentication: ${handler.id}`);
  return handler?.server;
}

/** Throws where the handler can't add credentials. */
export function clientAuth(handler: AuthHandler | undefined): ClientAuthenticator | undefined {
  if (handler !== undefined && handler.client === undefined)
    throw new Error(`component does not support client authentication: ${handler.id}`);
  return handler?.client;
}
