import type { TlsVersion } from "./go-names.ts";

/** A certificate or key: its text, or the file that holds it. */
export type Pem = { readonly text: string } | { readonly file: string };

/** What a connection's TLS shall be, whatever block it was written in. */
export interface TlsSettings {
  /** Whom to trust; undefined: the system's authorities. */
  readonly ca?: Pem;
  /** The system's authorities beside `ca`. */
  readonly systemCas: boolean;
  readonly cert?: Pem;
  readonly key?: Pem;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** In OpenSSL's notation; undefined: the platform's. */
  readonly ciphers?: string;
  readonly curves?: string;
  /** Files are read again after so long; undefined: never. */
  readonly reloadMs: number | undefined;
}

export interface TlsClientSettings extends TlsSettings {
  /** False: any certificate will do. */
  readonly verify: boolean;
  /** The name that the certificate must carry, where it is not the host's. */
  readonly serverName?: string;
}

export interface TlsServerSettings extends TlsSettings {
  readonly clientCa?: Pem;
  readonly clientAuth: ClientAuth;
}

export const clientAuthTypes = [
  "NoClientCert",
  "RequestClientCert",
  "RequireAnyClientCert",
  "VerifyClientCertIfGiven",
  "RequireAndVerifyClientCert",
] as const;

/** Go's ways of asking clients for a certificate. */
export type ClientAuth = (typeof clientAuthTypes)[number];
