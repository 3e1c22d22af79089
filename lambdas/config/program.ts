/**
 * Name and version of this program, as manifests and the stack's output `Version` say it: package.json's, without all
 * the rest of it in each bundle.
 */
export const program = 'vigie 0.1.0'
