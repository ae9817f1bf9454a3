import type { Rule } from "../relabel/rule.ts";
import type { ReadKey } from "./job-plan.ts";

/** What plans are made with beside the resource itself. */
export interface PlanContext {
  /** Which objects stand for the targets behind a service. */
  readonly role: "endpoints" | "endpointslice";
  /** The rules of the component. */
  readonly rules: readonly Rule[];
  /** Whether resources may name files of ours. */
  readonly allowFiles: boolean;
  readonly read: ReadKey;
}
