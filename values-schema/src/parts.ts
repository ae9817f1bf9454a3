import type { TSchema } from "@sinclair/typebox";
import { destinations } from "./destinations/destinations.ts";
import { features } from "./features/features.ts";

/** The schemas of the features and of the types of destinations, by name. */
export const parts: {
  readonly features: Readonly<Record<string, TSchema>>;
  readonly destinations: Readonly<Record<string, TSchema>>;
} = { features, destinations };
