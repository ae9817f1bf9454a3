import { type Described, describedOf, type Kind } from "../kind.ts";

export type Namespace = Described;

export const namespaces: Kind<Namespace> = { group: "", version: "v1", resource: "namespaces", namespaced: false, keep: describedOf };
