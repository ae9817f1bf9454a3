/** The metrics of energy. */
export const kepler = ["kepler_.*"];
