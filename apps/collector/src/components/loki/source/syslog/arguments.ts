import {
  bool,
  type Decoded,
  defaulted,
  duration,
  labels,
  list,
  many,
  maybe,
  oneOf,
  optional,
  required,
  string,
  uint,
} from "../../../../component/arguments.ts";
import { lokiReceiver, relabelRules } from "../../../../component/capsules.ts";
import { parseAddress } from "../../../../transport/address.ts";
import { tlsConfigBlock } from "../../../../transport/tls/prometheus-arguments.ts";

export const schema = {
  arguments: {
    forward_to: required(list(lokiReceiver), "Where lines go."),
    relabel_rules: optional(relabelRules, "Rules for the labels, from a component that relabels."),
  },
  blocks: {
    listener: many(
      "An address to listen on, and how messages are read there.",
      {
        arguments: {
          address: required(string, "`host:port` to listen on.", {
            check: (text) => {
              const address = parseAddress(text);
              return typeof address === "string" ? address : undefined;
            },
          }),
          protocol: defaulted(oneOf("tcp", "udp"), "tcp or udp.", "tcp"),
          idle_timeout: defaulted(duration, "Connections that are silent for so long are closed.", "120s"),
          label_structured_data: defaulted(bool, "Whether structured data become labels.", false),
          labels: defaulted(labels, "Labels that every line gets.", {}),
          use_incoming_timestamp: defaulted(bool, "Whether lines have the times that messages tell; otherwise that of now.", false),
          use_rfc5424_message: defaulted(bool, "Whether a line is the whole message; otherwise it is its text.", false),
          rfc3164_default_to_current_year: defaulted(bool, "Whether times without a year are of this one; otherwise of year 0.", false),
          rfc5424_allow_empty_msg: defaulted(
            bool,
            "Whether messages without text become empty lines; otherwise they are dropped and counted.",
            false,
          ),
          max_message_length: defaulted(uint, "Longer messages are dropped and counted.", 8192, {
            check: (length) => (length < 1 ? "max_message_length must be positive" : undefined),
          }),
          syslog_format: defaulted(oneOf("rfc5424", "rfc3164", "raw"), "How messages are written.", "rfc5424"),
          udp_queue_size: defaulted(
            uint,
            "How many datagrams may wait to be handed on, beside a thousand; further ones are lost and counted.",
            10,
          ),
          udp_host_cache_size: defaulted(uint, "How many senders' names are remembered.", 128),
        },
        blocks: {
          tls_config: tlsConfigBlock,
          raw_format_options: maybe(
            "How raw lines are divided.",
            {
              arguments: {
                use_null_terminator_delimiter: defaulted(bool, "Whether lines end with a zero byte; otherwise with a line break.", false),
              },
            },
            { stability: "experimental" },
          ),
          rfc3164_cisco_components: maybe(
            "What Cisco's devices add to messages.",
            {
              arguments: {
                enable_all: defaulted(bool, "All of the following.", false),
                message_counter: defaulted(bool, "A counter of messages.", false),
                sequence_number: defaulted(bool, "A sequence number.", false),
                hostname: defaulted(bool, "The name of the device.", false),
                second_fractions: defaulted(bool, "Fractions of seconds.", false),
              },
            },
            {
              stability: "experimental",
              check(args, report) {
                if (!Object.values(args).some(Boolean)) report("at least one option in rfc3164_cisco_components has to be enabled");
              },
            },
          ),
        },
      },
      {
        check(args, report) {
          const format = args.syslog_format;
          const useless = (name: string) => report(`${JSON.stringify(name)} has no effect when syslog format is set to "${format}"`, name);
          if (args.rfc3164_cisco_components !== undefined && format !== "rfc3164")
            report('rfc3164_cisco_components has no effect when syslog format is not "rfc3164"');
          if (args.rfc5424_allow_empty_msg && format !== "rfc5424") useless("rfc5424_allow_empty_msg");
          if (format === "raw")
            for (const name of ["use_rfc5424_message", "rfc3164_default_to_current_year", "use_incoming_timestamp"] as const)
              if (args[name]) useless(name);
          if (format !== "raw" && args.raw_format_options !== undefined)
            report('raw_format_options has no effect when syslog format is not "raw"');
          const { cert_file, cert_pem, key_file, key_pem, ca_file, ca_pem } = args.tls_config;
          const hasPair = Boolean(cert_file || cert_pem) && Boolean(key_file || key_pem);
          if (!hasPair && (ca_file || ca_pem))
            report(
              "certificate and key are required to listen with TLS: write cert_pem and key_pem, or cert_file and key_file",
              "tls_config",
            );
          if (hasPair && args.protocol === "udp") report("tls_config has no effect over udp", "tls_config");
        },
      },
    ),
  },
} as const;

export type Args = Decoded<typeof schema>;
export type ListenerArgs = Args["listener"][number];
