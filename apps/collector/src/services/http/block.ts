import {
  bool,
  type Decoded,
  defaulted,
  list,
  maybe,
  oneOf,
  optional,
  type Report,
  required,
  type Schema,
  secret,
  string,
} from "../../component/arguments.ts";
import { systemClock } from "../../component/clock.ts";
import type { Logger } from "../../component/context.ts";
import { TlsServer } from "../../transport/tls/contexts.ts";
import { cipherList, cipherSuite, curves, prometheusVersions } from "../../transport/tls/go-names.ts";
import { isSet, opensslName, pem, promptReloadMs, sources } from "../../transport/tls/pairs.ts";
import { clientAuthTypes, type TlsServerSettings } from "../../transport/tls/settings.ts";
import type { ProcessServer } from "./server.ts";

const authBlock = maybe("Who may read the pages.", {
  blocks: {
    basic: maybe("One user with a password.", {
      arguments: { username: required(string, "The user's name."), password: required(secret, "The user's password.") },
    }),
    filter: maybe("Which pages need authentication; without it, all.", {
      arguments: {
        paths: defaulted(list(string), "Beginnings of paths.", []),
        authenticate_matching_paths: defaulted(bool, "Whether these paths need it, or all but these.", true),
      },
    }),
  },
});

const tlsSchema = {
  arguments: {
    cert_pem: defaulted(string, "The certificate, in PEM.", ""),
    cert_file: defaulted(string, "The file with the certificate.", ""),
    key_pem: optional(secret, "The certificate's key, in PEM."),
    key_file: defaulted(string, "The file with the key.", ""),
    client_ca_pem: defaulted(string, "The authorities that vouch for clients, in PEM.", ""),
    client_ca_file: defaulted(string, "The file with these authorities.", ""),
    client_auth_type: defaulted(oneOf(...clientAuthTypes), "Whether clients must show a certificate.", "NoClientCert"),
    cipher_suites: defaulted(list(string), "Suites of TLS 1.2 and before, by Go's names.", []),
    curve_preferences: defaulted(list(oneOf("CurveP256", "CurveP384", "CurveP521", "X25519")), "Elliptic curves, best first.", []),
    min_version: defaulted(oneOf("", "TLS10", "TLS11", "TLS12", "TLS13"), "The oldest version of TLS.", ""),
    max_version: defaulted(oneOf("", "TLS10", "TLS11", "TLS12", "TLS13"), "The newest version of TLS.", ""),
  },
  blocks: {
    windows_certificate_filter: maybe(
      "Certificates out of the store of Windows, where this program does not run.",
      {},
      { check: (_, report) => report("windows_certificate_filter is for Windows: write cert_pem or cert_file, and key_pem or key_file") },
    ),
  },
} as const satisfies Schema;

type TlsArguments = Decoded<typeof tlsSchema>;

const schema = {
  blocks: { auth: authBlock, tls: maybe("How connections are secured.", tlsSchema, { check: checkTls }) },
} as const satisfies Schema;

/** The `http` block. */
export function httpBlock(server: ProcessServer, log: Logger) {
  return {
    name: "http",
    stability: "generally-available" as const,
    schema,
    defaults: { auth: undefined, tls: undefined },
    async apply(args: Readonly<Record<string, unknown>>) {
      const { auth, tls } = args as Decoded<typeof schema>;
      await server.secure(tls === undefined ? undefined : new TlsServer(settingsOf(tls), systemClock, log));
      const filter = auth?.filter;
      server.protect(
        auth?.basic && {
          ...auth.basic,
          filter: filter && { prefixes: filter.paths, isException: !filter.authenticate_matching_paths },
        },
      );
    },
  };
}

function settingsOf(args: TlsArguments): TlsServerSettings {
  const clientCa = pem(args.client_ca_file, args.client_ca_pem);
  const chosen = args.cipher_suites.flatMap((name) => opensslName(name, true));
  return {
    ...sources(undefined, undefined, args.cert_file, args.cert_pem, args.key_file, args.key_pem?.reveal()),
    systemCas: false,
    minVersion: prometheusVersions[args.min_version] ?? "TLSv1.2",
    maxVersion: prometheusVersions[args.max_version] ?? "TLSv1.3",
    ...(args.cipher_suites.length > 0 && { ciphers: cipherList(chosen) }),
    ...(args.curve_preferences.length > 0 && { curves: args.curve_preferences.map((name) => curves[name.replace("Curve", "")]).join(":") }),
    ...(clientCa !== undefined && { clientCa }),
    clientAuth: args.client_auth_type,
    reloadMs: promptReloadMs,
  };
}

function checkTls(args: TlsArguments, report: Report): void {
  const keyPem = args.key_pem?.reveal();
  const both = (a: string, b: string) => report(`cannot specify both ${a} and ${b}`, b);
  if (isSet(args.client_ca_pem) && isSet(args.client_ca_file)) both("client_ca_pem", "client_ca_file");
  if (isSet(args.cert_pem) && isSet(args.cert_file)) both("cert_pem", "cert_file");
  if (isSet(keyPem) && isSet(args.key_file)) both("key_pem", "key_file");
  if (!isSet(args.cert_pem, args.cert_file)) report("must specify either cert_pem or cert_file");
  if (!isSet(keyPem, args.key_file)) report("must specify either key_pem or key_file");
  if (isSet(args.client_ca_pem, args.client_ca_file) && args.client_auth_type === "NoClientCert")
    report("cannot specify client_ca_pem or client_ca_file when client_auth_type is NoClientCert", "client_auth_type");
  for (const name of args.cipher_suites) {
    const suite = cipherSuite(name, true);
    if ("wrong" in suite) report(suite.wrong, "cipher_suites");
  }
}
