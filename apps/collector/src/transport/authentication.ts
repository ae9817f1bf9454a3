import type { ClientInfo, Metadata } from "../signals/client-info.ts";

/** What `auth = otelcol.auth.<kind>.<label>.handler` carries. A kind that serves one side only leaves out the other. */
export interface AuthHandler {
  /** The component that exports it, for messages. */
  readonly id: string;
  readonly client?: ClientAuthenticator;
  readonly server?: ServerAuthenticator;
}

/** Adds credentials to requests that we send. */
export interface ClientAuthenticator {
  /** True: gRPC refuses to send these credentials over a connection without TLS. */
  readonly requiresTls: boolean;
  /** What of who sent the data goes into the credentials: data whose senders differ in it must not share a request. Undefined: nothing. */
  senderKeys?(): SenderKeys | undefined;
  /** Changes `request.headers`. Throws where credentials can't be had now: the request fails and may be retried. */
  authenticate(request: OutgoingRequest): void | Promise<void>;
}

/** Names of metadata and of attributes that authentication found. */
export interface SenderKeys {
  readonly metadata: readonly string[];
  readonly attributes: readonly string[];
}

/** A request before it is sent. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Map<string, string>;
  /** As it goes over the wire. */
  readonly body: readonly Uint8Array[];
  /** Who sent the data, where that is known. */
  readonly client?: ClientInfo;
}

/** Checks requests that we receive, before their body is read. */
export interface ServerAuthenticator {
  authenticate(metadata: Metadata): Authentication | Promise<Authentication>;
}

export type Authentication =
  | { readonly granted: true; readonly attributes: Readonly<Record<string, string>> }
  /** `message` goes to the client and names no secret. */
  | { readonly granted: false; readonly message: string };
