/** A constant, so that package.json stays out of the bundles. */
export const program = 'vigie 0.1.0'
