import {
  block,
  bool,
  type Decoded,
  defaulted,
  duration,
  int,
  list,
  maybe,
  oneOf,
  optional,
  required,
  string,
} from "../../../../component/arguments.ts";

const named = (name: string) => ({ check: (text: string) => (text === "" ? `no ${name} specified to resolve the backends` : undefined) });

/** The block that says where the backends are found. */
export const resolverBlock = block(
  "Where the backends are found; exactly one of the blocks within.",
  {
    blocks: {
      static: maybe("A list.", {
        arguments: {
          hostnames: required(list(string), "`host` or `host:port` of each; the port is 4317 where absent.", {
            check: (names) => (names.length === 0 ? "no endpoints specified for the static resolver" : undefined),
          }),
        },
      }),
      dns: maybe("All addresses of a name, looked up again and again.", {
        arguments: {
          hostname: required(string, "The name.", named("hostname")),
          interval: defaulted(duration, "How often it is looked up.", "5s"),
          port: defaulted(string, "The port of each address; none is added where it is empty.", "4317"),
          timeout: defaulted(duration, "How long a lookup may take.", "1s"),
        },
      }),
      aws_cloud_map: maybe("The instances of a service in AWS Cloud Map.", {
        arguments: {
          namespace: required(string, "The namespace of the service.", named("Cloud Map namespace")),
          service_name: required(string, "The service.", named("Cloud Map service_name")),
          health_status: defaulted(oneOf("HEALTHY", "UNHEALTHY", "ALL", "HEALTHY_OR_ELSE_ALL"), "Which instances are used.", "HEALTHY"),
          interval: defaulted(duration, "How often they are asked for.", "30s"),
          owner_account: defaulted(string, "The account that owns the namespace, where it is another one.", ""),
          port: optional(int, "The port of each instance; the one that it registered where absent.", {
            check: (port) => (port < 0 || port > 65535 ? "port must be from 0 to 65535" : undefined),
          }),
          timeout: defaulted(duration, "How long asking may take.", "5s"),
        },
      }),
      kubernetes: maybe("The pods of a Kubernetes service.", {
        arguments: {
          service: required(string, "`name` or `name.namespace` of the service.", {
            check: (service) => (/^[^.]+(\.[^.]+)*$/.test(service) ? undefined : `namespace segment missing in ${JSON.stringify(service)}`),
          }),
          ports: defaulted(list(int), "The ports of each pod.", [4317]),
          return_hostnames: defaulted(bool, "Whether pods are addressed by name.", false),
          timeout: defaulted(duration, "How long to wait for the pods at first.", "1m"),
        },
      }),
    },
  },
  {
    check(args, report) {
      const given = Object.values(args).filter((each) => each !== undefined).length;
      if (given === 0) report("no resolvers specified for the exporter");
      if (given > 1) report("only one resolver should be specified");
    },
  },
);

export type ResolverArgs = Decoded<typeof resolverBlock>;
