import { Type } from "@sinclair/typebox";
import { table } from "../words.ts";

/** Names with one value or several, as Kubernetes selects by labels. */
export const selector = (description: string) => table(description, Type.Union([Type.String(), Type.Array(Type.String())]));
