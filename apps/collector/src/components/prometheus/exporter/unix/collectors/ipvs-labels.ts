/** What tells backends apart. */
export const backendLabels = ["local_address", "local_port", "remote_address", "remote_port", "proto", "local_mark"] as const;

export type BackendLabel = (typeof backendLabels)[number];
