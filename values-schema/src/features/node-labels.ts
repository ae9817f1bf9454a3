import { flag, section } from "../words.ts";

/** Which labels of its node a target or log line gets. */
export const nodeLabels = () =>
  section("Labels of the node to attach.", {
    nodePool: flag("Attach `nodepool`."),
    region: flag("Attach `region`."),
    availabilityZone: flag("Attach `availability_zone`."),
    nodeRole: flag("Attach `node_role`."),
    nodeOS: flag("Attach `os`."),
    nodeArchitecture: flag("Attach `architecture`."),
    instanceType: flag("Attach `instance_type`."),
  });
