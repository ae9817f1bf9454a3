/** The types of what components export to each other, by the names that messages and the catalogue use. */
export {};
