import { MalformedInput } from "../../../../bytes/malformed-input.ts";
import type { ComponentContext } from "../../../../component/context.ts";
import { parseAddress } from "../../../../transport/address.ts";
import type { Listening } from "../../../../transport/listener-set.ts";
import { listenForPackets } from "../../../../transport/packet-listener.ts";
import { packetLosses } from "../../../../transport/packet-metrics.ts";
import { prometheusVersions } from "../../../../transport/tls/go-names.ts";
import { isSet, pem, promptReloadMs, sources } from "../../../../transport/tls/pairs.ts";
import type { TlsServerSettings } from "../../../../transport/tls/settings.ts";
import type { ListenerArgs } from "./arguments.ts";
import type { SyslogIntake } from "./intake.ts";
import { SenderNames } from "./sender-names.ts";
import { listenForStreams } from "./tcp-listener.ts";

export interface SyslogListener extends Listening {
  readonly host: string;
  readonly port: number;
}

/** A datagram over UDP can't be longer. */
const MAX_DATAGRAM_BYTES = 65_535;
/** In place of the kernel's buffer, where datagrams wait in the incumbent. */
const MORE_DATAGRAMS = 1000;

/** Opens a listener as its block says. Rejects where it can't. */
export function listen(context: ComponentContext, args: ListenerArgs, intake: SyslogIntake): Promise<SyslogListener> {
  const { clock, log, budget, metrics } = context;
  const names = new SenderNames(args.udp_host_cache_size);
  if (args.protocol === "udp")
    return listenForPackets({
      endpoint: args.address,
      socketBufferBytes: 0,
      maxPacketBytes: MAX_DATAGRAM_BYTES,
      maxWaiting: args.udp_queue_size + MORE_DATAGRAMS,
      workers: 1,
      async take(packet, _stopping, { address }) {
        await takeDatagram(intake, packet, { ip: address.replace(/^::ffff:/, ""), host: await names.of(address) });
        return true;
      },
      lost: packetLosses(metrics, "udp"),
      budget,
      log,
    });
  const address = parseAddress(args.address);
  if (typeof address === "string") throw new Error(address);
  return listenForStreams({ ...address, idleMs: args.idle_timeout, tls: tlsSettings(args.tls_config), intake, names, clock, log });
}

async function takeDatagram(intake: SyslogIntake, packet: Buffer, sender: { readonly ip: string; readonly host: string }): Promise<void> {
  const frames = intake.frames();
  try {
    await intake.take(frames, packet, sender);
    await intake.take(frames, undefined, sender);
  } catch (error) {
    if (!(error instanceof MalformedInput)) throw error;
    intake.wrong(error.message, sender.ip);
  }
}

function tlsSettings(tls: ListenerArgs["tls_config"]): TlsServerSettings | undefined {
  const { cert_file, cert_pem, key_file, key_pem, ca_file, ca_pem, min_version } = tls;
  const key = key_pem?.reveal();
  if (!isSet(cert_file, cert_pem) || !isSet(key_file, key)) return undefined;
  const clientCa = pem(ca_file, ca_pem);
  return {
    ...sources(undefined, undefined, cert_file, cert_pem, key_file, key),
    systemCas: false,
    minVersion: prometheusVersions[min_version ?? ""] ?? "TLSv1.2",
    maxVersion: "TLSv1.3",
    reloadMs: promptReloadMs,
    clientAuth: clientCa === undefined ? "NoClientCert" : "RequireAndVerifyClientCert",
    ...(clientCa !== undefined && { clientCa }),
  };
}
