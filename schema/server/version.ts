/** The release, as in package.json and CHANGELOG.md (a test compares them). */
export const version = '0.4.0';

/** Grows by one with every change of the schema. */
export const featureLevel = 4;
