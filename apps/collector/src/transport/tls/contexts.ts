import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from "node:tls";
import type { Clock } from "../../component/clock.ts";
import type { Logger } from "../../component/context.ts";
import type { Pem, TlsClientSettings, TlsServerSettings, TlsSettings } from "./settings.ts";
import { systemAuthorities } from "./system-authorities.ts";

/** The client's side of TLS for one destination. Reads its files on first use. */
export class TlsClient {
  readonly #settings: TlsClientSettings;
  readonly #material: Material;

  constructor(settings: TlsClientSettings, clock: Clock, log: Logger) {
    this.#settings = settings;
    this.#material = new Material(settings, clock, log);
  }

  /** For `tls.connect`, beside host and port. Throws with the file's name where one can't be used and none was before. */
  options(): ConnectionOptions {
    const { verify, serverName } = this.#settings;
    return {
      secureContext: this.#material.current().context,
      rejectUnauthorized: verify,
      // An address is no name that may be indicated; the certificate is checked against it all the same.
      ...(serverName !== undefined && isIP(serverName) === 0 && { servername: serverName }),
      ...(serverName !== undefined &&
        isIP(serverName) !== 0 && { checkServerIdentity: (_, cert) => checkServerIdentity(serverName, cert) }),
    };
  }

  /** Rises when changed files were read: connections made before were made with others. */
  generation(): number {
    return this.#material.current().generation;
  }
}

/** The server's side of TLS for one listener. */
export class TlsServer {
  readonly #settings: TlsServerSettings;
  readonly #material: Material;
  readonly #clock: Clock;

  /** Throws where the files can't be used. */
  constructor(settings: TlsServerSettings, clock: Clock, log: Logger) {
    this.#settings = settings;
    this.#clock = clock;
    this.#material = new Material(settings, clock, log, settings.clientCa);
    this.#material.current();
  }

  /** For the constructors of servers. */
  options(): SecureContextOptions & { requestCert: boolean; rejectUnauthorized: boolean } {
    const { clientAuth } = this.#settings;
    return {
      ...this.#material.current().options,
      requestCert: clientAuth !== "NoClientCert",
      rejectUnauthorized: clientAuth === "RequireAndVerifyClientCert",
    };
  }

  /** What is wrong with a client's certificate where the platform itself does not refuse it. */
  refusal(socket: TLSSocket): string | undefined {
    const { clientAuth } = this.#settings;
    if (clientAuth === "RequireAnyClientCert") return hasCertificate(socket) ? undefined : "client didn't provide a certificate";
    if (clientAuth === "VerifyClientCertIfGiven" && hasCertificate(socket) && !socket.authorized)
      return `failed to verify certificate: ${socket.authorizationError}`;
    return undefined;
  }

  /** Gives changed files to a server while it runs; the returned function ends that. */
  follow(server: { setSecureContext(options: SecureContextOptions): void }): () => void {
    const { reloadMs } = this.#settings;
    if (reloadMs === undefined) return () => {};
    let generation = this.#material.current().generation;
    let cancel = () => {};
    const look = () => {
      const now = this.#material.current();
      if (now.generation !== generation) {
        generation = now.generation;
        server.setSecureContext(this.options());
      }
      cancel = this.#clock.after(reloadMs, look);
    };
    cancel = this.#clock.after(reloadMs, look);
    return () => cancel();
  }
}

function hasCertificate(socket: TLSSocket): boolean {
  return Object.keys(socket.getPeerCertificate()).length > 0;
}

interface Loaded {
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
  readonly generation: number;
  /** All texts that went into it, to see whether they changed. */
  readonly texts: readonly (string | undefined)[];
}

/** Certificates and keys in use, from text and files. */
class Material {
  readonly #settings: TlsSettings;
  readonly #clientCa: Pem | undefined;
  readonly #clock: Clock;
  readonly #log: Logger;
  #loaded: Loaded | undefined;
  #lookedAt = 0;

  constructor(settings: TlsSettings, clock: Clock, log: Logger, clientCa?: Pem) {
    this.#settings = settings;
    this.#clientCa = clientCa;
    this.#clock = clock;
    this.#log = log;
  }

  /** What holds now. Files that changed into something unusable leave what was before, with a warning. */
  current(): Loaded {
    const { reloadMs } = this.#settings;
    const now = this.#clock.monotonic();
    if (this.#loaded !== undefined && (reloadMs === undefined || now - this.#lookedAt < reloadMs)) return this.#loaded;
    this.#lookedAt = now;
    if (this.#loaded === undefined) {
      this.#loaded = this.#load(this.#read(), 0);
      return this.#loaded;
    }
    try {
      const texts = this.#read();
      const changed = texts.some((text, i) => text !== this.#loaded?.texts[i]);
      if (changed) this.#loaded = this.#load(texts, this.#loaded.generation + 1);
    } catch (error) {
      this.#log.warn("changed TLS files can't be used, the old ones stay in use", { err: messageOf(error) });
    }
    return this.#loaded;
  }

  #read(): readonly (string | undefined)[] {
    const { ca, cert, key } = this.#settings;
    return [textOf(ca, "ca_file"), textOf(cert, "cert_file"), textOf(key, "key_file"), textOf(this.#clientCa, "client_ca_file")];
  }

  #load(texts: readonly (string | undefined)[], generation: number): Loaded {
    const [ca, cert, key, clientCa] = texts;
    const { minVersion, maxVersion, ciphers, curves } = this.#settings;
    const old = minVersion === "TLSv1" || minVersion === "TLSv1.1";
    const options: SecureContextOptions = {
      ca: this.#authorities(ca, clientCa),
      cert,
      key,
      minVersion,
      maxVersion,
      // OpenSSL's default security level has no version below 1.2; who asks for one gets it.
      ciphers: old ? `${ciphers ?? "DEFAULT"}:@SECLEVEL=0` : ciphers,
      ecdhCurve: curves,
    };
    try {
      return { options, context: createSecureContext(options), generation, texts };
    } catch (error) {
      throw new Error(`the TLS certificate and key can't be used: ${messageOf(error)}`);
    }
  }

  #authorities(ca: string | undefined, clientCa: string | undefined): string[] {
    if (clientCa !== undefined) return [checked(clientCa, "client CA")];
    if (ca === undefined) return [...systemAuthorities()];
    return this.#settings.systemCas ? [...systemAuthorities(), checked(ca, "CA")] : [checked(ca, "CA")];
  }
}

function textOf(pem: Pem | undefined, argument: string): string | undefined {
  if (pem === undefined) return undefined;
  if ("text" in pem) return pem.text;
  try {
    return readFileSync(pem.file, "latin1");
  } catch (error) {
    throw new Error(`${argument} can't be read: ${messageOf(error)}`);
  }
}

/** OpenSSL passes over text without a certificate in silence, so that later every peer would be refused. */
function checked(pem: string, what: string): string {
  try {
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    throw new Error(`failed to parse the ${what} certificate: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
