import { type Decoded, defaulted, maybe, optional, type Report, secret, string } from "../../component/arguments.ts";
import { cipherList, cipherSuite, serverVersions } from "./go-names.ts";
import { isSet, opensslName, pem, promptReloadMs, sources } from "./pairs.ts";
import { type ClientAuth, clientAuthTypes, type TlsServerSettings } from "./settings.ts";

const serverTlsSchema = {
  arguments: {
    cert_pem: defaulted(string, "The server's certificate, in PEM.", ""),
    cert_file: defaulted(string, "The file with the server's certificate.", ""),
    key_pem: optional(secret, "The certificate's key, in PEM."),
    key_file: defaulted(string, "The file with the certificate's key.", ""),
    client_auth_type: defaulted(string, "Whether clients must show a certificate.", "NoClientCert", { check: clientAuthText }),
    client_ca_file: defaulted(string, "The file with the authorities that vouch for clients.", ""),
    client_ca_pem: defaulted(string, "The authorities that vouch for clients, in PEM.", ""),
    client_ca: defaulted(string, "The authorities that vouch for clients, in PEM.", ""),
    cipher_suites: defaulted(string, "The suites of TLS 1.2 and before that may be used, by Go's names, with commas between.", ""),
    min_version: defaulted(string, "The oldest version of TLS that may be used: VersionTLS10 to VersionTLS13.", "", {
      check: (text) => (text === "" || text in serverVersions ? undefined : `TLS version "${text}" not recognized`),
    }),
  },
};

/** `tls` of servers in the style of `loki.source.api`. */
export const serverTlsBlock = maybe("How connections to the server are secured; without it they are not.", serverTlsSchema, {
  check: checkServer,
});

/** Undefined where the block names neither certificate nor key: no TLS, as in the incumbent. */
export function serverTls(args: Decoded<typeof serverTlsSchema>): TlsServerSettings | undefined {
  const found = sources(undefined, undefined, args.cert_file, args.cert_pem, args.key_file, args.key_pem?.reveal());
  if (found.cert === undefined || found.key === undefined) return undefined;
  const chosen = namedSuites(args.cipher_suites).flatMap((name) => opensslName(name, true));
  const clientCa = pem(args.client_ca_file, args.client_ca_pem === "" ? args.client_ca : args.client_ca_pem);
  return {
    ...found,
    systemCas: false,
    minVersion: serverVersions[args.min_version] ?? "TLSv1.2",
    maxVersion: "TLSv1.3",
    ...(args.cipher_suites !== "" && { ciphers: cipherList(chosen) }),
    clientAuth: clientAuthOf(args.client_auth_type) ?? "NoClientCert",
    ...(clientCa !== undefined && { clientCa }),
    reloadMs: promptReloadMs,
  };
}

function checkServer(args: Decoded<typeof serverTlsSchema>, report: Report): void {
  const keyPem = args.key_pem?.reveal();
  if (isSet(args.cert_pem) && isSet(args.cert_file)) report("at most one of cert_pem and cert_file must be configured", "cert_file");
  if (isSet(keyPem) && isSet(args.key_file)) report("at most one of key_pem and key_file must be configured", "key_file");
  const hasCert = isSet(args.cert_pem, args.cert_file);
  const hasKey = isSet(keyPem, args.key_file);
  if (hasCert && !hasKey) report("missing one of key or key_file: write key_pem or key_file");
  if (hasKey && !hasCert) report("missing one of cert or cert_file: write cert_pem or cert_file");
  if (isSet(args.client_ca_pem, args.client_ca, args.client_ca_file) && clientAuthOf(args.client_auth_type) === "NoClientCert")
    report("client CA's have been configured without a Client Auth Policy: set client_auth_type", "client_auth_type");
  for (const name of namedSuites(args.cipher_suites)) {
    const suite = cipherSuite(name, true);
    if ("wrong" in suite) report(`cipher suite "${name}" not recognized`, "cipher_suites");
  }
}

function clientAuthText(text: string): string | undefined {
  return clientAuthOf(text) === undefined ? `invalid ClientAuth: ${text}; one of ${clientAuthTypes.join(", ")}` : undefined;
}

function clientAuthOf(text: string): ClientAuth | undefined {
  if (text === "") return "NoClientCert";
  if (text === "RequireClientCert") return "RequireAnyClientCert";
  return clientAuthTypes.find((type) => type === text);
}

function namedSuites(text: string): string[] {
  return text === "" ? [] : text.split(",");
}
