import { Type } from "@sinclair/typebox";
import { choice, flag, integer, kubernetesList, labels, section, table, text, texts } from "../words.ts";

const metadata = section("Metadata of the objects.", { labels: labels("Labels."), annotations: labels("Annotations.") });

/** Objects below a name that the user chooses have no defaults of their own: templates give them. */
const inbound = section("What comes in through a gateway.", {
  enabled: flag("Whether it does."),
  gateways: texts("The gateways, `namespace/name`; policies are made for the first."),
  hosts: texts("The hosts; passed through `tpl`."),
  service: text("The Service; passed through `tpl`."),
  port: Type.Union([Type.String(), Type.Integer()], { description: "The Service's port; passed through `tpl`." }),
  containerPort: Type.Integer({ description: "The pods' port, where it is another." }),
  selector: labels("The pods. Empty: those whose name is the route's."),
  http: kubernetesList("Routes as Istio has them, in place of the one to the Service."),
  passthrough: section("Gateways that leave the encryption alone.", {
    enabled: flag("Whether this is one."),
    gatewayPort: integer("The gateway's port.", 8443),
  }),
  metadata,
});

const outbound = section("What goes out of the mesh.", {
  enabled: flag("Whether it does."),
  hosts: texts("The hosts; passed through `tpl`."),
  ports: kubernetesList("Ports: number, name, protocol. Empty: 443, HTTPS."),
  location: choice("Where it is.", ["MESH_EXTERNAL", "MESH_INTERNAL"], "MESH_EXTERNAL"),
  resolution: choice("How its address is found.", ["DNS", "DNS_ROUND_ROBIN", "STATIC", "NONE"], "DNS"),
  metadata,
});

export const routes = section("Ways into and out of the mesh; they need Istio's custom resources.", {
  prependReleaseName: flag("Begin the objects' names with the release's."),
  inbound: table("By name.", inbound),
  outbound: table("By name.", outbound),
});
