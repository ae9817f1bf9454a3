import {
  assumed,
  bool,
  type Decoded,
  defaulted,
  duration,
  list,
  maybe,
  optional,
  type Report,
  secret,
  string,
} from "../../component/arguments.ts";
import { cipherList, cipherSuite, curves, otelcolVersions } from "./go-names.ts";
import { checkPairs, isSet, opensslName, pem, sources } from "./pairs.ts";
import type { TlsClientSettings, TlsServerSettings, TlsSettings } from "./settings.ts";

const tpmBlock = maybe(
  "Keys held by a trusted platform module, which is not supported.",
  {
    arguments: {
      enabled: defaulted(bool, "Take the key from the module; only false is supported.", false),
      path: defaulted(string, "The module's device or socket.", ""),
      owner_auth: defaulted(string, "What authorizes the owner.", ""),
      auth: defaulted(string, "What authorizes the use of the key.", ""),
    },
  },
  {
    check(args, report) {
      if (args.enabled) report("keys can't be taken from a TPM: give key_file or key_pem in PEM instead", "enabled");
    },
  },
);

const otelcolArguments = {
  ca_file: optional(string, "The file with the authorities that vouch for the other side."),
  ca_pem: optional(string, "The authorities that vouch for the other side, in PEM."),
  cert_file: optional(string, "The file with our certificate."),
  cert_pem: optional(string, "Our certificate, in PEM."),
  cipher_suites: defaulted(list(string), "The suites of TLS 1.2 and before that may be used, by Go's names.", []),
  curve_preferences: defaulted(list(string), "The elliptic curves for the key exchange, the best first: X25519, P256, P384, P521.", []),
  include_insecure_cipher_suites: defaulted(bool, "Allow weak suites in cipher_suites.", false),
  include_system_ca_certs_pool: defaulted(bool, "Trust the system's authorities beside the given ones.", false),
  key_file: optional(string, "The file with the certificate's key."),
  key_pem: optional(secret, "The certificate's key, in PEM."),
  max_version: defaulted(string, "The newest version of TLS that may be used.", "1.3", { check: otelcolVersion }),
  min_version: defaulted(string, "The oldest version of TLS that may be used.", "1.2", { check: otelcolVersion }),
  reload_interval: defaulted(duration, "How often changed certificate files are read again; 0s: never.", "0s"),
};

/** `tls` of OpenTelemetry exporters and of whoever else connects. */
export const otelcolTlsClientBlock = assumed(
  "How the connection is secured.",
  {
    arguments: {
      ...otelcolArguments,
      insecure: defaulted(bool, "Connect without TLS, unless a CA is given.", false),
      insecure_skip_verify: defaulted(bool, "Accept any certificate.", false),
      server_name: optional(string, "The name that the server's certificate must carry, where it is not the endpoint's."),
    },
    blocks: { tpm: tpmBlock },
  },
  { check: checkOtelcol },
);

/** `tls` of OpenTelemetry receivers. */
export const otelcolTlsServerBlock = maybe(
  "How connections to the server are secured; without it they are not.",
  {
    arguments: {
      ...otelcolArguments,
      client_ca_file: optional(string, "The file with the authorities that vouch for clients, which then must show a certificate."),
    },
    blocks: { tpm: tpmBlock },
  },
  {
    check(args, report) {
      checkOtelcol(args, report);
      if (!isSet(args.cert_file, args.cert_pem) && !isSet(args.key_file, args.key_pem?.reveal()))
        report("TLS configuration must include both certificate and key for server connections");
    },
  },
);

/** Undefined: no TLS. */
export function otelcolTlsClient(args: Decoded<typeof otelcolTlsClientBlock>): TlsClientSettings | undefined {
  const hasCa = isSet(args.ca_file, args.ca_pem);
  if (args.insecure && !hasCa) return undefined;
  return { ...otelcolSettings(args), verify: !args.insecure_skip_verify, ...(isSet(args.server_name) && { serverName: args.server_name }) };
}

export function otelcolTlsServer(args: NonNullable<Decoded<typeof otelcolTlsServerBlock>>): TlsServerSettings {
  const clientCa = pem(args.client_ca_file, undefined);
  return {
    ...otelcolSettings(args),
    clientAuth: clientCa === undefined ? "NoClientCert" : "RequireAndVerifyClientCert",
    ...(clientCa !== undefined && { clientCa }),
  };
}

type OtelcolTls = Decoded<{ arguments: typeof otelcolArguments }>;

function otelcolSettings(args: OtelcolTls): TlsSettings {
  const chosen = args.cipher_suites.flatMap((name) => opensslName(name, args.include_insecure_cipher_suites));
  return {
    ...sources(args.ca_file, args.ca_pem, args.cert_file, args.cert_pem, args.key_file, args.key_pem?.reveal()),
    systemCas: args.include_system_ca_certs_pool,
    minVersion: otelcolVersions[args.min_version] ?? "TLSv1.2",
    maxVersion: otelcolVersions[args.max_version] ?? "TLSv1.3",
    ...(args.cipher_suites.length > 0 && { ciphers: cipherList(chosen) }),
    ...(args.curve_preferences.length > 0 && { curves: args.curve_preferences.map((name) => curves[name] ?? name).join(":") }),
    reloadMs: args.reload_interval > 0 ? args.reload_interval : undefined,
  };
}

function checkOtelcol(args: OtelcolTls, report: Report): void {
  checkPairs(args, report);
  for (const name of args.cipher_suites) {
    const suite = cipherSuite(name, args.include_insecure_cipher_suites);
    if ("wrong" in suite) report(suite.wrong, "cipher_suites");
  }
  for (const name of args.curve_preferences)
    if (!Object.hasOwn(curves, name))
      report(`invalid curve type: ${name}. Expected values are ${Object.keys(curves).join(", ")}`, "curve_preferences");
  if ((otelcolVersions[args.min_version] ?? "") > (otelcolVersions[args.max_version] ?? "~"))
    report("invalid TLS configuration: min_version cannot be greater than max_version", "min_version");
}

function otelcolVersion(text: string): string | undefined {
  return text === "" || text in otelcolVersions ? undefined : `unsupported TLS version: "${text}"`;
}
